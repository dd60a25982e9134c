// The probe as a process: how it is carried, started, and ended.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "model/variables.h"

namespace cufit::collect {

/// Closes what it holds.
class ProbeFd {
 public:
  explicit ProbeFd(int fd = -1) : fd_(fd) {}
  ProbeFd(ProbeFd&& other) noexcept;
  ProbeFd& operator=(ProbeFd&& other) noexcept;
  ~ProbeFd();
  explicit operator bool() const { return fd_ >= 0; }
  int operator*() const { return fd_; }

 private:
  int fd_;
};

/// A file without a name that holds the carried program, ready to be executed. The first place is memory;
/// where that may not be executed, folders for temporary files follow. Not a file, and errno: it cannot be
/// had there.
ProbeFd probe_program(size_t place);
size_t probe_places();

class ProbeChild {
 public:
  /// Runs `program` in a process group of its own. A kWireRefused among its answers says that it could not be
  /// executed. Nothing, and errno: no process could be made. It is killed when the thread that starts it
  /// ends.
  static std::optional<ProbeChild> start(const ProbeFd& program, std::string_view mode, const Variables& env);

  ProbeChild(ProbeChild&& other) noexcept;
  ProbeChild& operator=(ProbeChild&&) = delete;
  /// Kills it and all of its group, and does not wait: a driver may need a while to take its contexts down,
  /// or for ever.
  ~ProbeChild();
  /// Waits until those that were left are gone, and with them what they held of a GPU; no longer than this.
  static void bury(std::chrono::milliseconds limit);

  int answers() const { return *answers_; }    ///< to be read; never blocks
  int commands() const { return *commands_; }  ///< to be written; never blocks

  /// "SIGSEGV", "exit 3": how it came to its end. Nothing: it runs. Empty: nobody knows.
  std::optional<std::string> ended() const;

 private:
  ProbeChild(pid_t pid, ProbeFd answers, ProbeFd commands);
  pid_t pid_;
  ProbeFd answers_, commands_;
};

}  // namespace cufit::collect
