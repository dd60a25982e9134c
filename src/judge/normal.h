// What looks odd and is not: cards that were built so, and clocks and links that rest.
#pragma once

#include <vector>

#include "model/probed.h"
#include "model/text.h"

namespace cufit {

/// Of a machine whose NVML was asked. Each is said once for all GPUs of one name.
std::vector<Text> what_is_normal(const Probed&);

}  // namespace cufit
