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

/// `base` with what the command line says in place of it. Complains about GPUs that nobody knows, names that
/// stand for GPUs with different answers, and numbers that are none.
std::expected<GivenMachine, Complaint> given_machine(const Invocation& invocation, const Knowledge& knowledge,
                                                     Machine base = {});

/// What tells this candidate from others: the name of its chip, or the compute capability.
std::string precise_name(const GpuCandidate&);

struct DriverRange {
  Version first;
  std::optional<Version> last;  ///< nothing: exactly `first`
};

/// "470.129.06" is one driver. "R470" and "470" may be any of their branch. "525.60" may have lost its last
/// field on Linux; Windows drivers have only two. Complains about what can be no driver of this platform.
std::expected<DriverRange, Complaint> driver_range(std::string_view given, Machine::Platform,
                                                   const Knowledge&);

/// The variables of --env. Complains about what is not NAME=VALUE.
std::expected<Variables, Complaint> given_env(const Invocation&);

/// Says on stderr which of these variables no rule asks for: a slip of the pen changes no answer.
void note_unasked(const Variables&, const Invocation&);

/// Sets the driver as given on the command line.
void set_driver(Machine& machine, const Version& version);

}  // namespace cufit::commands
