// Lines that the screen and `doctor` share: causes of the machine, and verdicts with the first thing that
// helps.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "render/words.h"

namespace cufit::render {

/// "2 x NVIDIA A800-SXM4-80GB (sm_80)": equal ones are counted.
std::vector<std::string> gpu_lines(const Report&);

/// The lines on the GPUs that the bus shows, or why there is none.
void write_gpus(Writer&, const Observed&);

/// Each cause that the machine shows of itself: why, and what helps first.
void write_machine_causes(Writer&);

/// The verdicts on a subject, the worst first, each with its reason; what helps, unless it stands in `told`.
void write_judged(Writer&, const Subject&, std::set<const Finding*>& told);

}  // namespace cufit::render
