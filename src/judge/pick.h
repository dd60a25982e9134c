// pick: the published build of each package that a machine should get, and why the newer ones will not do.
#pragma once

#include <span>

#include "judge/choose.h"
#include "model/report.h"

namespace cufit {

/// One judgement for each wish and GPU, on the build that was chosen: the best that runs on all GPUs (with
/// `up_to` the driver is any from the machine's to that one), else the newest. For each wish that was met a
/// finding "pick" holds the commands, and the builds that come before it with the reason why they fail; for
/// one that was not, a finding "pick-none" holds the reasons of all.
Report pick(const Machine&, const std::optional<Version>& up_to, std::span<const Want>, const Knowledge&);

}  // namespace cufit
