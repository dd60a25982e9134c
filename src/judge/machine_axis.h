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

/// The first fault that stops programs on this GPU, of which nothing else need be known; no evidence if none
/// does. `last`: what is met later is left out.
Step first_stop(const SubjectId&, const GpuId&, const std::vector<FoundCause>*, const Knowledge&,
                const Caller&, Stage last);

/// What the subject lacks so that it runs, and does not do what it is for.
Step judge_limits(const SubjectId&, const GpuId&, const std::vector<FoundCause>*);

/// PTX-8: PTX alone serves the GPU, and the compiler that the driver opens for it is not there.
Step judge_jit_library(const Coverage&, const Place&, const Caller&);

}  // namespace cufit
