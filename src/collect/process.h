// A running process, as /proc shows it: which files it has mapped, in which root file system.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "collect/container.h"
#include "collect/process_maps.h"
#include "model/fact.h"

namespace cufit::collect {

struct Process {
  uint32_t pid = 0;
  /// The program, as a path of the process's root file system, where another file may lie by now. Absent for
  /// a thread of the kernel.
  Fact<std::string> exe;
  /// The folder by which its root file system is reached from here: "/proc/4711/root" for a process in a
  /// container; empty if it has our own.
  Fact<std::string> root;
  Fact<std::string> cwd;  ///< as a path of its root file system
  Fact<std::vector<MappedFile>> maps;
  /// Its variables when it was started. Of two with one name the first counts, as for getenv(3).
  Fact<Variables> env;
};

/// Reads a process of this machine. What may not be read is unreadable ("EACCES": a process of another user
/// shows neither maps nor variables). An error if there is no such process, or /proc hides it. `proc`: where
/// proc(5) is mounted.
Result<Process> read_process(uint32_t pid, const std::string& proc = "/proc");

/// The variables of an environ(7) block: NAME=VALUE, each ended by NUL.
Variables variables_of(std::string_view environ_block);

}  // namespace cufit::collect
