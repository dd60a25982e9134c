// --fleet FILE -> groups of machines, with the same look-ups as --gpu and --driver.
#pragma once

#include <expected>
#include <vector>

#include "commands/invocation.h"
#include "judge/fleet.h"
#include "knowledge/knowledge.h"

namespace cufit::commands {

struct GivenFleet {
  std::vector<FleetGroup> groups;  ///< machines without GPUs are one group without a name
  std::vector<Gap> unread;         ///< groups that cannot be judged, with file, line and reason
};

/// The groups of the file that --fleet names; the variables of --env are set on all of them. Complains if the
/// file cannot be read, or no group of it can be judged.
std::expected<GivenFleet, Complaint> given_fleet(const Invocation&, const Knowledge&);

}  // namespace cufit::commands
