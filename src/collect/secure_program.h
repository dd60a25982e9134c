// Which programs the kernel starts with more rights than their user has: the dynamic loader then ignores
// variables (AT_SECURE, "secure-execution mode" in ld.so(8)).
#pragma once

#include <sys/stat.h>

#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace cufit::collect {

/// A user, as the kernel compares him with a file.
struct RunBy {
  uid_t user;
  gid_t group;
};

/// True if a program with this mode, owner and attribute security.capability runs in that mode when `by`
/// starts it (security/commoncap.c). For root capabilities of files mean nothing.
bool is_secure(const struct stat& file, const std::optional<std::vector<uint8_t>>& capabilities, RunBy by);

/// The same for the program at `path` and the user of this process. `other_root`: the mount on which it lies
/// here, and that this process may gain no rights, do not count.
bool is_secure(const std::string& path, const struct stat& file, bool other_root);

}  // namespace cufit::collect
