// Child: a program in a process group of its own, heard until it ends or its time is over. It may crash,
// hang, flood, fork and close what it likes: that is an answer too.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "model/variables.h"

namespace cufit::collect {

struct ChildProgram {
  std::string path;               ///< not looked for in PATH
  std::vector<std::string> args;  ///< without its own name
  Variables env;                  ///< all that it gets
};

struct ChildLimits {
  std::chrono::milliseconds time{60'000};
  size_t answers = 256 << 10;  ///< bytes; more is a flood
  size_t output = 4 << 10;     ///< bytes kept of the end
};

/// The descriptor on which the child answers. 0 is /dev/null, 1 and 2 are its output, all others are closed.
constexpr int kAnswers = 3;

struct ChildEnd {
  enum class How : uint8_t {
    exited,       ///< `number`: its status; 0 where this process is set to ignore its children
    killed,       ///< `number`: the signal; not by us
    late,         ///< its time was over
    flooded,      ///< it answered more than is taken
    not_started,  ///< `number`: errno
  };
  How how = How::not_started;
  int number = 0;
  std::string answers;  ///< what it wrote on kAnswers
  std::string output;   ///< the end of what it wrote on stdout and stderr
  std::chrono::microseconds time{};
};

/// Runs it to its end. Then, or when its time is over, its group is killed; one that cannot die is waited for
/// no longer than 200 ms and left behind, and so is what left the group. It dies with the thread that calls
/// this, and leaves no core dump.
ChildEnd run_child(const ChildProgram&, const ChildLimits& = {});

}  // namespace cufit::collect
