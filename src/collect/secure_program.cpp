#include "collect/secure_program.h"

#include <sys/prctl.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

namespace cufit::collect {
namespace {

/// struct vfs_cap_data: a word of version and flags, then pairs of words, permitted and inheritable. What is
/// only inheritable gives nothing to who has not got it.
bool gives_rights(Bytes attribute) {
  constexpr uint32_t kEffective = 1;
  auto head = load<uint32_t>(attribute, 0);
  if (!head) return false;
  bool gives = *head & kEffective;
  // Version 1 has one pair, 2 and 3 have two.
  unsigned pairs = *head >> 24 == 1 ? 1 : 2;
  for (unsigned i = 0; i < pairs; i++) gives |= load<uint32_t>(attribute, 4 + 8 * i).value_or(0) != 0;
  return gives;
}

std::optional<std::vector<uint8_t>> capabilities_of(const std::string& path) {
  std::vector<uint8_t> bytes(64);  // 24 are the most that the kernel keeps
  auto n = getxattr(path.c_str(), "security.capability", bytes.data(), bytes.size());
  if (n < 0) return std::nullopt;
  bytes.resize(size_t(n));
  return bytes;
}

}  // namespace

bool is_secure(const struct stat& file, const std::optional<std::vector<uint8_t>>& capabilities, RunBy by) {
  if ((file.st_mode & S_ISUID) && file.st_uid != by.user) return true;
  // Without the right to execute for the group the bit means mandatory locking.
  bool set_group = (file.st_mode & S_ISGID) && (file.st_mode & S_IXGRP);
  if (set_group && file.st_gid != by.group) return true;
  return by.user != 0 && capabilities && gives_rights(*capabilities);
}

bool is_secure(const std::string& path, const struct stat& file, bool other_root) {
  if (!is_secure(file, capabilities_of(path), {getuid(), getgid()})) return false;
  if (other_root) return true;
  struct statvfs mount = {};
  bool nosuid = statvfs(path.c_str(), &mount) == 0 && (mount.f_flag & ST_NOSUID);
  return !nosuid && prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1;
}

}  // namespace cufit::collect
