// Whether a machine can have a GPU of NVIDIA at all: a glance, before it is looked at in full.
#pragma once

namespace cufit::collect {

/// False only where nothing of its driver, of WSL or of a Jetson is there and the PCI bus, if it can be read,
/// lists no device of NVIDIA. A tenth of a millisecond.
bool may_have_gpu();

}  // namespace cufit::collect
