// A file in memory that has a path: what readers of files are given by a fuzz target.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <string>

#include "fuzz/fuzz.h"

namespace cufit::fuzz {

class ScratchFile {
 public:
  ScratchFile() : fd_(memfd_create("input", MFD_CLOEXEC)) { require(fd_ >= 0, "memfd_create failed"); }
  ~ScratchFile() { close(fd_); }
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;

  /// Replaces the contents.
  void set(Bytes b) {
    // Cut last: pages that stay need not be made anew.
    require(pwrite(fd_, b.data(), b.size(), 0) == ssize_t(b.size()) && ftruncate(fd_, off_t(b.size())) == 0,
            "the scratch file cannot be written");
  }
  std::string path() const { return "/proc/self/fd/" + std::to_string(fd_); }

 private:
  int fd_;
};

}  // namespace cufit::fuzz
