// A running process as a subject: the files that it has mapped are the truth.
#pragma once

#include <expected>

#include "commands/looked_at.h"
#include "commands/targets.h"

namespace cufit::commands {

struct ProcessTarget {
  LookedAt looked;  ///< its machine, by its own root file system and variables
  Subject subject;  ///< its program and its libraries
  Loads loads;
};

/// Reads the process that --pid names. Complains if there is none, and about what may not be read of it.
std::expected<ProcessTarget, Complaint> process_target(const Invocation&, const Knowledge&);

}  // namespace cufit::commands
