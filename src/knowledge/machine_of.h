// What was observed of a machine -> the machine that is judged for.
#pragma once

#include <map>
#include <string>

#include "knowledge/gpu_lookup.h"
#include "knowledge/knowledge.h"
#include "model/machine.h"
#include "model/observed.h"

namespace cufit {

/// GPUs by their PCI ids (where boards share one, by the model that /proc/driver/nvidia names), by the chip
/// of a Jetson, or one GPU of which nothing is known where a driver is there and no GPU can be seen (WSL,
/// gVisor). The driver by the kernel module, else by the libcuda that programs would load; a cuda-compat
/// package if that libcuda is one. `env` are the variables of the process that is asked about. The demands
/// of container images (NVIDIA_REQUIRE_*) are left out: a machine that runs has met them.
Machine machine_of(const Observed&, const std::map<std::string, std::string>& env, const Knowledge&);

/// With what a recording or a look at the machine tells and nobody gave: the driver, and the cuda-compat
/// package whose libcuda is loaded.
Machine machine_as_observed(const Machine& given, const Observed&, const Knowledge&);

/// The cuda-compat package of this kind whose libraries are of the branch of `libcuda`; null: none is known.
const ForwardCompatRow* compat_package_of(const Version& libcuda, CompatKind, const Knowledge&);

/// What may be on a PCI device of NVIDIA, by its ids, and by its model where several boards have the ids.
std::vector<GpuCandidate> boards_of(const PciDevice&, const std::string& model, const Knowledge&);

/// A GPU that a look-up found, without an id; `given` is where its name stands.
Gpu gpu_from(const GpuCandidate&, const Source& given);

/// A GPU by the name that its driver gives it, without an id: what all boards of that name agree in.
Gpu gpu_named(const std::string& name, const Source& given, const Knowledge&);

}  // namespace cufit
