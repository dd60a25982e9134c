#include "judge/normal.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace cufit {

namespace {

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

/// What is normal of a board is said once of all that are called alike.
std::string board_name(const NvmlGpu& gpu) {
  return gpu.name ? *gpu.name : "GPU " + std::to_string(gpu.index);
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
    auto name = board_name(gpu);
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

  /// What is wrong with the topology, or with a link, is another thing.
  void look_at(const GpuPair& pair) {
    static constexpr std::array<std::string_view, 3> by_design = {"gpu-not-supported",
                                                                  "chipset-not-supported", "disabled"};
    if (!pair.p2p || std::ranges::find(by_design, *pair.p2p) == by_design.end()) return;
    auto *a = gpu(pair.a), *b = gpu(pair.b);
    if (a && b && has_no_p2p_by_design(*a) && has_no_p2p_by_design(*b))
      add({"normal.no-p2p", {{"gpu", board_name(*a)}}});
  }

  const NvmlGpu* gpu(uint32_t index) const {
    auto at = std::ranges::find(nvml_.gpus, index, &NvmlGpu::index);
    return at == nvml_.gpus.end() ? nullptr : &*at;
  }

  const NvmlAnswers& nvml_;
  std::vector<Text> all_;
};

}  // namespace

std::vector<Text> what_is_normal(const Probed& probed) { return Normal(probed).take(); }

}  // namespace cufit
