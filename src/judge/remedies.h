// Remedies: changes to the world, judged again where the model can tell.
#pragma once

#include "judge/findings.h"

namespace cufit {

/// What helps, best first. A driver is offered only where the verdict with it is better.
std::vector<Remedy> remedies_for(const Case&);

/// What people try and what does not help.
std::vector<Rejected> rejected_for(const Case&);

}  // namespace cufit
