// Which dynamic loader a program has, and what is known of it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "loader/settings.h"
#include "model/file_index.h"
#include "model/text.h"

namespace cufit {

struct Loader {
  std::string path = {};  ///< PT_INTERP, or what is usual for the architecture; empty if nothing is
  FileAnswer file = {};
  Text refused = {};  ///< not empty: cufit does not know how it searches (musl), or it is not there

  std::string arch = {};
  std::optional<std::vector<std::string>> folders = {};  ///< where it looks last; nothing: not known
  std::optional<std::string> lib = {};                   ///< $LIB
  bool cache = true;                                     ///< it reads /etc/ld.so.cache
  std::optional<unsigned> minor = {};                    ///< 36 of glibc 2.36
};

/// `program`: nothing if it is not known. Of the settings the version of glibc and the working directory
/// count: from there the kernel looks for a PT_INTERP without leading '/'. The folders are those in the bytes
/// of the loader. A recording without them is judged by where the loader lies: Debian and what comes from it
/// keep it in /lib/x86_64-linux-gnu, Fedora, SUSE and others in /lib64, Arch in /usr/lib. They are not known
/// for a loader anywhere else (Nix, Guix, a private glibc).
Loader loader_of(const LoadedObject* program, const std::string& arch, const Files& files,
                 const LoaderSettings& settings);

}  // namespace cufit
