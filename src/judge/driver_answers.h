// What the driver answered (World::probed) beside what the files of the machine show: it disproves, confirms,
// and shows faults of its own.
#pragma once

#include <vector>

#include "judge/causes.h"

namespace cufit {

class MachineView;

/// Takes out what the driver disproved: where a kernel runs, nothing stops programs. What the files left open
/// and the driver's answer fits is certain then. Adds what only its answers show.
void join_driver_answers(const MachineView&, std::vector<FoundCause>&);

/// The GPUs of the machine on which CUDA was seen to work.
std::vector<GpuId> gpus_proven(const MachineView&);

/// May cuInit have returned this error for this cause? Some errors name another one.
bool may_come_from(const FoundCause&, uint32_t code);

/// A fault of the machine itself: of its libcuda, module, devices or fabric.
bool is_of_driver(const FoundCause&);

// The parts of it; each appends what it finds.
void find_failed_calls(const MachineView&, std::vector<FoundCause>&);
void find_failed_proofs(const MachineView&, std::vector<FoundCause>&);
void find_failed_nvml(const MachineView&, std::vector<FoundCause>&);
void find_unwell_gpus(const MachineView&, std::vector<FoundCause>&);
void find_python_causes(const MachineView&, std::vector<FoundCause>&);

}  // namespace cufit
