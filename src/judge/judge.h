// judge: what a world's subjects come to on its GPUs. Pure: no files, no clock, no environment.
#pragma once

#include "judge/place.h"
#include "judge/rule.h"
#include "knowledge/knowledge.h"
#include "model/report.h"

namespace cufit {

/// One judgement for every subject and GPU, subject-major, and the findings over them. Fills in facts that
/// follow from the knowledge (driver CUDA) and lists in Machine::assumed what nobody gave. The caller sets
/// Report::command and Report::unread.
Report judge(const World&, const Knowledge&);

/// The same of a machine that was described: keeps what it found for the next one with the same GPUs that
/// differs only in which driver it has, asked about the same subjects. One entry for each GPU.
Report judge(const World&, const Knowledge&, std::vector<KeptLeastDrivers>& kept);

/// The same for one of many, without the subjects in the report.
Report judge(const Machine&, std::span<const Subject>, const Knowledge&, std::vector<KeptLeastDrivers>& kept);

}  // namespace cufit
