#include "judge/normal.h"

#include <algorithm>

namespace cufit {

namespace {

std::string name_of_gpu(const NvmlGpu& gpu) { return gpu.name ? *gpu.name : std::to_string(gpu.index); }

bool gives_reason(const NvmlGpu& gpu, const char* reason) {
  return gpu.clock_reasons && std::ranges::find(*gpu.clock_reasons, reason) != gpu.clock_reasons->end();
}

bool is_geforce(const NvmlGpu& gpu) { return gpu.name && gpu.name->contains("GeForce"); }

/// NVIDIA took peer access out of GeForce from RTX 40 on
/// (https://forums.developer.nvidia.com/t/p2p-is-not-supported-by-rtx-4090/248384).
bool has_no_p2p_by_design(const NvmlGpu& gpu) { return is_geforce(gpu) && gpu.sm && *gpu.sm >= Sm{8, 9, {}}; }

/// A800 and H800 were cut to 400 GB/s in both directions together: half of that is one direction. NVML sums
/// the raw rate of the links, which is a little above.
bool has_cut_nvlink(const NvmlGpu& gpu) {
  constexpr uint32_t least = 180'000, most = 230'000;  // MB/s
  bool board = gpu.name && (gpu.name->contains("A800") || gpu.name->contains("H800"));
  return board && gpu.nvlink_rate && *gpu.nvlink_rate >= least && *gpu.nvlink_rate <= most;
}

class Normal {
 public:
  explicit Normal(const Probed& probed) : nvml_(probed.nvml) {}

  std::vector<Text> take() {
    for (auto& gpu : nvml_.gpus) look_at(gpu);
    for (auto& pair : nvml_.pairs) look_at(pair);
    return std::move(all_);
  }

 private:
  void add(Text text) {
    if (std::ranges::find(all_, text) == all_.end()) all_.push_back(std::move(text));
  }

  void look_at(const NvmlGpu& gpu) {
    auto name = name_of_gpu(gpu);
    bool idle = gives_reason(gpu, "gpu-idle");
    if (gives_reason(gpu, "sw-power-cap")) add({"normal.power-cap", {{"gpu", name}}});
    if (is_geforce(gpu) && looked_and_absent(gpu.ecc)) add({"normal.no-ecc", {{"gpu", name}}});
    auto& now = gpu.pcie_generation;
    auto& max = gpu.pcie_generation_max;
    if (now && max && *now < *max && idle)
      add({"normal.link-rests",
           {{"gpu", name}, {"now", std::to_string(*now)}, {"max", std::to_string(*max)}}});
    if (gpu.sm_clock && gpu.sm_clock_max && *gpu.sm_clock < *gpu.sm_clock_max && idle)
      add({"normal.clocks-rest", {{"gpu", name}, {"now", std::to_string(*gpu.sm_clock)}}});
    if (has_cut_nvlink(gpu)) add({"normal.nvlink-400", {{"gpu", name}}});
  }

  void look_at(const GpuPair& pair) {
    if (!pair.p2p || *pair.p2p == "ok") return;
    for (auto& gpu : nvml_.gpus)
      if ((gpu.index == pair.a || gpu.index == pair.b) && has_no_p2p_by_design(gpu))
        return add({"normal.no-p2p", {{"gpu", name_of_gpu(gpu)}}});
  }

  const NvmlAnswers& nvml_;
  std::vector<Text> all_;
};

}  // namespace

std::vector<Text> what_is_normal(const Probed& probed) { return Normal(probed).take(); }

}  // namespace cufit
