// The machine axis: faults of the machine that stop every program that uses CUDA, in the order in which a
// program meets them.
#pragma once

#include "judge/causes.h"
#include "judge/failure.h"
#include "judge/place.h"
#include "judge/step.h"

namespace cufit {

/// Faults of this stage on the GPU of the place; empty where nobody looked at the machine.
std::vector<Step> judge_machine(Stage, const SubjectId&, const Place&, const Caller&);

/// PTX-8: PTX alone serves the GPU, and the compiler that the driver opens for it is not there.
Step judge_jit_library(const Coverage&, const Place&, const Caller&);

}  // namespace cufit
