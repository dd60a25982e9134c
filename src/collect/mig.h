// MIG instances, as the kernel driver shows them: /proc/driver/nvidia/capabilities/gpuN/mig/giM/ciK/access
// (https://docs.nvidia.com/datacenter/tesla/mig-user-guide, "Device nodes and capabilities"). N is the minor
// number of the GPU.
#pragma once

#include <vector>

#include "collect/root.h"
#include "model/observed.h"

namespace cufit::collect {

/// By GPU, then instance.
std::vector<MigInstance> observe_mig(const Root& root);

}  // namespace cufit::collect
