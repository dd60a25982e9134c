// The probe as a process: how it is carried, started, and ended.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "collect/child_process.h"
#include "model/variables.h"

namespace cufit::collect {

/// A file without a name that holds the carried program, ready to be executed. The first place is memory;
/// where that may not be executed, folders for temporary files follow. Not a file, and errno: it cannot be
/// had there.
Fd probe_program(size_t place);
size_t probe_places();

class ProbeChild {
 public:
  /// Runs `program`. A kWireRefused among its answers says that it could not be executed. Nothing, and errno:
  /// no process could be made. It ends with this, or with the thread that starts it, and is not waited for.
  static std::optional<ProbeChild> start(const Fd& program, std::string_view mode, const Variables& env);

  int answers() const { return *answers_; }    ///< to be read; never blocks
  int commands() const { return *commands_; }  ///< to be written; never blocks

  std::optional<ChildStatus> ended() { return process_.ended(); }

 private:
  ProbeChild(pid_t pid, Fd answers, Fd commands);
  ChildProcess process_;
  Fd answers_, commands_;
};

}  // namespace cufit::collect
