// judge over a fleet: many groups of machines, many subjects, each distinct question once.
#pragma once

#include <optional>
#include <vector>

#include "judge/judge.h"

namespace cufit {

struct FleetGroup {
  Group group;
  /// The driver is one of those from the machine's to this one; an answer must hold for both ends.
  std::optional<Version> driver_up_to = {};
};

/// Every subject on every GPU of every group (Report::cells). GPUs get the ids "gpu0", "gpu1", ... through
/// all groups. Machines that agree in all that judge reads, and subjects with the same content, share
/// judgements; the ids in a judgement and in findings are those of the first such subject and GPU.
Report judge_fleet(std::vector<FleetGroup>, std::vector<Subject>, const Knowledge&);

/// Do the two subjects get the same judgements everywhere, but for their ids?
bool same_question(const Subject&, const Subject&);

}  // namespace cufit
