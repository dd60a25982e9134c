// --gpu, --driver, --env, --platform -> the machine that is judged for.
#pragma once

#include <expected>
#include <optional>

#include "commands/invocation.h"
#include "knowledge/knowledge.h"
#include "model/machine.h"

namespace cufit::commands {

struct GivenMachine {
  Machine machine;
  /// --driver named a branch, or a version without its last field: the driver is one of those from the
  /// machine's to this one. An answer must hold for both ends.
  std::optional<Version> driver_up_to;
};

/// Complains about GPUs that nobody knows, names that stand for GPUs with different answers, and numbers that
/// are none.
std::expected<GivenMachine, Complaint> given_machine(const Invocation& invocation,
                                                     const Knowledge& knowledge);

/// Sets the driver as given on the command line.
void set_driver(Machine& machine, const Version& version);

}  // namespace cufit::commands
