// --gpu, --driver, --env, --platform -> the machine that is judged for.
#pragma once

#include <expected>
#include <optional>

#include "commands/invocation.h"
#include "knowledge/gpu_lookup.h"
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

/// What tells this candidate from others: the name of its chip, or the compute capability.
std::string precise_name(const GpuCandidate&);

/// The GPU that a look-up found, without an id; `given` is where its name stands.
Gpu gpu_from(const GpuCandidate&, const Source& given);

struct DriverRange {
  Version first;
  std::optional<Version> last;  ///< nothing: exactly `first`
};

/// "470.129.06" is one driver. "R470" and "470" may be any of their branch. "525.60" may have lost its last
/// field on Linux; Windows drivers have only two. Nothing if it is no driver version.
std::optional<DriverRange> driver_range(std::string_view given, Machine::Platform, const Knowledge&);

/// Sets a variable that --env gave as NAME=VALUE.
std::expected<void, Complaint> add_env(Machine& machine, const std::string& given);

/// Sets the driver as given on the command line.
void set_driver(Machine& machine, const Version& version);

}  // namespace cufit::commands
