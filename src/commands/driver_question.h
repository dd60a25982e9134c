// The question to the driver of this machine that the options ask for: --proof, --deadline, --env.
#pragma once

#include <chrono>
#include <expected>
#include <memory>
#include <optional>
#include <vector>

#include "collect/probe.h"
#include "commands/invocation.h"
#include "commands/message.h"
#include "knowledge/knowledge.h"
#include "model/machine.h"
#include "model/probed.h"
#include "model/subject.h"

namespace cufit::commands {

/// Another machine than this one, which cannot be asked: --machine, --root.
bool is_elsewhere(const Invocation&);

/// Is asked from begin() on, beside whatever is read meanwhile.
class DriverQuestion {
 public:
  /// Refuses a deadline that is none.
  static std::expected<DriverQuestion, Complaint> begin(const Invocation&);

  /// All that it answered, and what the GPUs do with code of the subjects. Nothing: it was not asked.
  std::optional<Probed> finish(const std::vector<Subject>&, const Machine&, const Knowledge&);

 private:
  DriverQuestion() = default;

  std::unique_ptr<collect::Probe> probe_;
  Variables env_;
  bool by_python_ = false;
  std::optional<std::chrono::milliseconds> python_limit_ = {};  ///< for each framework; nothing: the usual
};

}  // namespace cufit::commands
