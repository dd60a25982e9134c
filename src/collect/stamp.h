// Stamp: what the file system says of a file, by which a change is known.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <string>

namespace cufit::collect {

/// Equal stamps, equal content: whoever writes to a file, or adds or removes a name in a folder, changes
/// `changed`, which no program can set back. All zero: there is nothing.
struct Stamp {
  uint64_t device = 0, inode = 0, size = 0;
  int64_t modified = 0, changed = 0;  ///< ns since 1970
  bool operator==(const Stamp&) const = default;
};

inline Stamp stamp_of(const struct stat& st) {
  auto ns = [](const timespec& t) { return int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec; };
  return {st.st_dev, st.st_ino, uint64_t(st.st_size), ns(st.st_mtim), ns(st.st_ctim)};
}

/// The stamp of what a path names, links followed.
inline Stamp stamp_of(const std::string& path) {
  struct stat st;
  return stat(path.c_str(), &st) == 0 ? stamp_of(st) : Stamp();
}

}  // namespace cufit::collect
