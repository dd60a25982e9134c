// What the driver tells of a machine where no file does: WSL, gVisor, a sandbox without /sys.
#pragma once

#include "knowledge/knowledge.h"
#include "model/machine.h"
#include "model/probed.h"

namespace cufit {

/// GPUs of which no file tells what they are become those that the driver lists: NVML's, in its order, else
/// CUDA's. So does the release of a driver that no file tells.
void take_answers(Machine&, const Probed&, const Knowledge&);

}  // namespace cufit
