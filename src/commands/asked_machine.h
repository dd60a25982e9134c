// The machine of a question: described by --gpu, recorded (--machine), or looked at.
//
// Who names a GPU asks about another machine: nothing of this one is taken, neither its driver nor its
// variables. Without --gpu the machine is looked at, and single facts (--driver, --env, ...) stand in place
// of what was seen. A recorded machine takes --gpu as such a fact, too.
#pragma once

#include <expected>
#include <optional>

#include "commands/looked_at.h"
#include "commands/machine_options.h"
#include "judge/as_seen.h"

namespace cufit::commands {

struct AskedMachine {
  GivenMachine given = {};
  std::optional<LookedAt> looked = {};  ///< nothing: it was described
  /// What was seen holds for the question. Not with --driver, --gpu and the like: another driver is taken to
  /// be installed as it should be.
  bool as_seen = false;

  /// The question about these subjects on this machine.
  World world(std::vector<Subject>) const;
};

std::expected<AskedMachine, Complaint> asked_machine(const Invocation&, const Knowledge&);

}  // namespace cufit::commands
