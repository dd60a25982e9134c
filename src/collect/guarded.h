// Work that may never come back: reads and opens that a driver answers.
//
// A driver whose GPU is lost can hold its locks for ever; who asks it then sleeps where no signal wakes him,
// and a thread that sleeps so keeps its whole process from ending. So a child of this process asks, and says
// what it heard through a pipe. When the time is over it is killed and not waited for: if it sleeps in the
// driver it stays behind, we do not. It costs a fork, and only on machines that have something of NVIDIA.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace cufit::collect {

using Tell = std::function<void(std::string_view)>;

struct Heard {
  std::vector<std::string> messages;  ///< those that came in time, in their order
  bool started = false;               ///< false: no child could be made
  bool finished = false;              ///< false: it hung, crashed, or was never started
};

/// Fact::why of question `i` (from 0) of several that were asked in order, one message each, if it has no
/// answer: the first without one is what hung.
std::string why_unheard(const Heard& heard, size_t i);

/// Runs `work` in a child process, and gives what it told. At most 4 MiB are taken. `work` may allocate and
/// make system calls; what it changes in memory is lost.
Heard in_child(const std::function<void(const Tell&)>& work,
               std::chrono::milliseconds limit = std::chrono::milliseconds(1000));

}  // namespace cufit::collect
