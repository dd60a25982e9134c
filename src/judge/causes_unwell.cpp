// What NVML tells of GPUs that are there and not well: memory errors, modes, a reset that is due.
#include <algorithm>

#include "judge/driver_answers.h"
#include "judge/machine_view.h"

namespace cufit {

namespace {

FactRef fact_of(const NvmlGpu& gpu, const char* what) {
  return "probed.nvml.gpus." + std::to_string(gpu.index) + '.' + what;
}

void add(const MachineView& v, const NvmlGpu& gpu, const char* id, Severity severity, Text text,
         const char* fact, std::vector<FoundCause>& out) {
  auto cause = found(v.facts, id, std::move(text), {fact_of(gpu, fact)});
  cause.severity = severity;
  place(std::move(cause), v, gpu, out);
}

bool is_set(const Fact<bool>& fact) { return fact && *fact; }

void find_memory_errors(const MachineView& v, const NvmlGpu& gpu, std::vector<FoundCause>& out) {
  constexpr auto* id = "ecc-uncorrectable";
  auto name = name_of(gpu, v.facts.probed->nvml);
  if (is_set(gpu.remap_failed))
    return add(v, gpu, id, Severity::error, {"cause.ecc-uncorrectable.remap-failed", {{"gpu", name}}},
               "remap_failed", out);
  if (is_set(gpu.remap_pending))
    return add(v, gpu, id, Severity::warning, {"cause.ecc-uncorrectable.remap-pending", {{"gpu", name}}},
               "remap_pending", out);
  if (gpu.ecc_uncorrected && *gpu.ecc_uncorrected > 0)
    add(v, gpu, id, Severity::warning,
        {"cause.ecc-uncorrectable.counted", {{"n", std::to_string(*gpu.ecc_uncorrected)}, {"gpu", name}}},
        "ecc_uncorrected", out);
}

void find_mode(const MachineView& v, const NvmlGpu& gpu, std::vector<FoundCause>& out) {
  if (!gpu.compute_mode || *gpu.compute_mode == "default") return;
  bool prohibited = *gpu.compute_mode == "prohibited";
  auto at = v.gpu_of(gpu);
  auto has_it = [&](auto& cause) {
    return cause.id == "exclusive-process-mode" && (!at || cause.is_on(*at));
  };
  if (std::ranges::any_of(out, has_it)) return;
  // Exclusive is how some clusters are run: it is no fault where a process of ours gets in.
  if (prohibited)
    add(v, gpu, "exclusive-process-mode", Severity::error,
        {"cause.exclusive-process-mode.prohibited", {{"gpu", name_of(gpu, v.facts.probed->nvml)}}},
        "compute_mode", out);
}

}  // namespace

void find_unwell_gpus(const MachineView& v, std::vector<FoundCause>& out) {
  for (auto& gpu : v.facts.probed->nvml.gpus) {
    find_memory_errors(v, gpu, out);
    find_mode(v, gpu, out);
    if (gpu.recovery && *gpu.recovery != "none")
      add(v, gpu, "gpu-needs-recovery", Severity::warning,
          {"cause.gpu-needs-recovery.found",
           {{"action", *gpu.recovery}, {"gpu", name_of(gpu, v.facts.probed->nvml)}}},
          "recovery", out);
  }
}

}  // namespace cufit
