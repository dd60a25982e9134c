// What a machine says to a log: is it the one that wrote it, which causes does it show, which does it refute?
#pragma once

#include <optional>

#include "judge/log_facts.h"
#include "model/report.h"

namespace cufit {

class LogMachine {
 public:
  /// `machine` null: there is none. `named`: the user says that the log is of it; else it must have a GPU of
  /// NVIDIA or its driver, and the log must not tell of another one. Facts that the log does not tell are
  /// taken from it.
  LogMachine(const World* machine, bool named, LogFacts&, const Knowledge&);

  /// Its facts count.
  bool wrote_it() const { return judged_.has_value(); }
  /// Why they do not; empty: they do, or there is no machine.
  const Text& why_not() const { return why_not_; }
  /// The cause as the machine shows it, with remedies that were tried on it; null: it does not show it.
  const Finding* shows(std::string_view cause) const;
  /// It would show such a cause, and does not.
  bool refutes(const CauseRow&) const;
  const Report* judged() const { return judged_ ? &*judged_ : nullptr; }

 private:
  std::optional<Report> judged_;
  Text why_not_;
};

/// The program that the log tells of, on the GPU and driver that it tells of; nothing if it does not say both
/// the build and the GPU.
std::optional<World> world_of(const LogFacts&, const Knowledge&);

}  // namespace cufit
