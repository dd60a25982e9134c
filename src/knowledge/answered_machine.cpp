#include "knowledge/answered_machine.h"

#include <algorithm>

#include "knowledge/machine_of.h"

namespace cufit {

namespace {

/// What of a GPU is taken; NVML and CUDA tell alike.
template <class Told>
Gpu gpu_of(const Told& told, const Knowledge& k) {
  Gpu gpu;
  if (told.name) gpu = gpu_named(*told.name, told.name.from, k);
  // A part of a GPU has another name than its board ("NVIDIA A100-SXM4-40GB MIG 1g.5gb").
  if (told.sm) gpu.sm = told.sm;
  return gpu;
}

template <class Told>
std::vector<Gpu> gpus_of(const std::vector<Told>& all, const Knowledge& k) {
  std::vector<Gpu> gpus;
  for (auto& told : all) {
    gpus.push_back(gpu_of(told, k));
    gpus.back().id = "gpu" + std::to_string(gpus.size() - 1);
  }
  return gpus;
}

bool is_known(const Gpu& gpu) { return gpu.name || gpu.sm; }

}  // namespace

void take_answers(Machine& machine, const Probed& probed, const Knowledge& k) {
  auto& [nvml, cuda, python] = probed;
  if (!machine.driver.version && nvml.driver) machine.driver.version = nvml.driver;
  if (std::ranges::any_of(machine.gpus, is_known)) return;
  bool by_nvml = nvml.count && *nvml.count == nvml.gpus.size() && !nvml.gpus.empty();
  bool by_cuda = cuda_works(probed) && lists_all(cuda);
  if (by_nvml)
    machine.gpus = gpus_of(nvml.gpus, k);
  else if (by_cuda)
    machine.gpus = gpus_of(cuda.gpus, k);
}

}  // namespace cufit
