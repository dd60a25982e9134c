// What a build of glibc's dynamic loader has fixed: the folders where it looks last, its cache, its version.
// Each distribution chooses them, and they stand in the file as text.
#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"

namespace cufit::formats {

struct LdSo {
  std::vector<std::string>
      folders;          ///< "/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib", "/usr/lib"
  std::string cache;    ///< "/etc/ld.so.cache"; empty if the loader names none
  std::string version;  ///< "2.36"; empty before glibc 2.33, which does not say it
};

/// From the bytes of ld-linux-x86-64.so.2 and its like. No folders: it is not glibc's, or not understood.
LdSo read_ld_so(Bytes file);

}  // namespace cufit::formats
