// The text of /proc/PID/maps: which files are mapped into a process.
// https://man7.org/linux/man-pages/man5/proc_pid_maps.5.html
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cufit::collect {

struct MappedFile {
  std::string path;         ///< as the kernel names it: of the process's own root file system
  bool deleted = false;     ///< the file of this name was removed or replaced since
  bool executable = false;  ///< some of it may be executed: a program or a library, not just data
  uint32_t major = 0, minor = 0;
  uint64_t inode = 0;  ///< on overlay file systems of older kernels that of the layer below
  bool operator==(const MappedFile&) const = default;
};

/// The files that a process has mapped, each once, in the order of their first addresses (which is not the
/// order in which they were loaded). What is no file by its name is left out: anonymous memory, [stack],
/// memfd, shared memory of System V. So are lines that are none.
///
/// The kernel writes a newline in a name as "\012" and puts " (deleted)" behind names that are gone; a name
/// that really ends so cannot be told by the text (read_process asks the file system).
std::vector<MappedFile> mapped_files(std::string_view maps);

}  // namespace cufit::collect
