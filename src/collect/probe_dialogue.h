// One child and its deadlines: what it says is heard until it waits for a command, or has come to its end.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "collect/probe.h"
#include "collect/probe_child.h"
#include "collect/probe_frames.h"
#include "collect/probe_hearing.h"

namespace cufit::collect {

using ProbeClock = std::chrono::steady_clock;

/// Used by one thread, whose end is that of the child. No signal may reach that thread: a pipe that nobody
/// reads any more is no reason to die.
class ProbeDialogue {
 public:
  /// `since`: when the probe began, for the deadline of all its dialogues. `stop` becomes readable when
  /// nobody wants to know any more. All must outlive this.
  ProbeDialogue(std::string_view mode, const Variables& env, const ProbeOptions& options,
                ProbeClock::time_point since, int stop, ProbeHearing& hearing);

  /// True: the child waits for a command. False: it has ended, and `hearing` knows how.
  bool listen();

  /// Lets it do something, and listens. Only while it waits.
  bool command(WireOp op, size_t device = 0, Bytes code = {});

  /// `since` of the constructor, later by the time in which it rested: for a dialogue that goes on after it.
  ProbeClock::time_point since() const { return start_; }

  /// The time from now on is not the driver's, until the next command. Resting twice is resting.
  void rest();

 private:
  using Clock = ProbeClock;
  enum class Event : uint8_t { bytes, room, nothing, ended };
  enum class Taken : uint8_t { some, nothing, end };

  void begin();
  Event wait(bool for_room);
  Taken take();
  void hear();
  void gone();
  bool send(Bytes bytes);
  void end(Asking::End how_it_ended, std::string how);

  std::string mode_;
  const Variables& env_;
  const ProbeOptions& options_;
  int stop_;
  ProbeHearing& hearing_;
  std::optional<ProbeChild> child_;
  ProbeFrames frames_;
  size_t place_ = 0;     ///< where the program lies
  std::string refused_;  ///< why it could not be executed where it was tried first
  size_t taken_ = 0;     ///< bytes
  Clock::time_point start_, heard_;
  std::optional<Clock::time_point> resting_;
};

}  // namespace cufit::collect
