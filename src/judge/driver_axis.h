// The driver axis: does the driver know the GPU, and does it run the toolkits that the files need?
#pragma once

#include <span>

#include "judge/judged_file.h"
#include "judge/step.h"

namespace cufit {

/// DRV-5, DRV-6: is the chip known to the driver? Needs a driver.
Step judge_chip(const Place&, const Caller&);

/// DRV-1 to DRV-4: the floors of the files, the worst first. Needs a driver.
Step judge_floors(std::span<const JudgedFile* const>, const SubjectId&, const Place&);

/// VIS-1: does CUDA_VISIBLE_DEVICES hide the GPU?
Step judge_visibility(const Place&, const Caller&);

}  // namespace cufit
