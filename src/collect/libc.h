// The C library and the architecture of the programs of a machine, by their bytes.
#pragma once

#include <optional>
#include <string_view>

#include "base/version.h"
#include "collect/root.h"

namespace cufit::collect {

struct UserSpace {
  Fact<std::string> arch;  ///< of /bin/sh, else of a loader; of this machine else as uname(2) says
  Fact<std::string> libc;  ///< "glibc" or "musl"
  Fact<Version> glibc;
};

/// The library is the one that /bin/sh runs with: that beside the loader which the program asks for
/// (PT_INTERP). So it comes out right where loaders lie in odd places, or several are installed. Without a
/// /bin/sh that asks for one, the loaders' usual places decide.
UserSpace observe_libc(const Root& root);

/// 2.36 of the bytes of a libc.so.6, which carries a text for those who run it: "GNU C Library (Debian GLIBC
/// 2.36-9) stable release version 2.36.". The versions of its symbols would tell less: not every release adds
/// one.
std::optional<Version> glibc_version(std::string_view bytes);

}  // namespace cufit::collect
