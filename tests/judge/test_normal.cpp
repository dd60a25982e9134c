// What looks odd and is not: each with a GPU of which it is said, and one that is a little otherwise.
#include <gtest/gtest.h>

#include <functional>

#include "judge/normal.h"

namespace cufit::testing {
namespace {

template <class T>
Fact<T> told(T value) {
  return {std::move(value), {Source::Kind::call, "test"}};
}

/// Two GeForce RTX 4090, with nothing to say of them.
NvmlAnswers two_geforce() {
  NvmlAnswers nvml;
  for (uint32_t i : {0, 1}) {
    auto& gpu = nvml.gpus.emplace_back();
    gpu.index = i;
    gpu.name = told<std::string>("NVIDIA GeForce RTX 4090");
    gpu.sm = told(Sm{8, 9, {}});
    gpu.ecc = told(false);
    gpu.pcie_generation = gpu.pcie_generation_max = told(4u);
    gpu.sm_clock = gpu.sm_clock_max = told(2520u);
  }
  nvml.pairs.push_back({0, 1, told<std::string>("ok"), {}});
  return nvml;
}

using Change = std::function<void(NvmlAnswers&)>;

std::string said(std::initializer_list<Change> changes) {
  Probed probed;
  probed.nvml = two_geforce();
  for (auto& change : changes) change(probed.nvml);
  std::string ids;
  for (auto& text : what_is_normal(probed)) ids += (ids.empty() ? "" : " ") + text.id.substr(7);
  return ids;
}

Change of_first(std::function<void(NvmlGpu&)> change) {
  return [change](NvmlAnswers& nvml) { change(nvml.gpus[0]); };
}

Change reasons(std::vector<std::string> names) {
  return of_first([names](NvmlGpu& gpu) { gpu.clock_reasons = told(names); });
}

Change p2p(const char* state) {
  return [state](NvmlAnswers& nvml) { nvml.pairs[0].p2p = told<std::string>(state); };
}

Change board(const char* name, Sm sm) {
  return of_first([=](NvmlGpu& gpu) { gpu.name = told<std::string>(name), gpu.sm = told(sm); });
}

Change links(uint32_t rate) {
  return of_first([rate](NvmlGpu& gpu) { gpu.nvlink_rate = told(rate); });
}

struct Row {
  const char* what;
  std::initializer_list<Change> fires, silent;
  const char* says;
};

TEST(Normal, EachIsSaidWhereItIsAndNowhereElse) {
  auto slow = of_first([](NvmlGpu& gpu) { gpu.sm_clock = told(210u); });
  auto narrow = of_first([](NvmlGpu& gpu) { gpu.pcie_generation = told(1u); });
  auto without_ecc = of_first([](NvmlGpu& gpu) { gpu.ecc.is = Absent{}; });
  const Sm hopper{9, 0, {}}, ampere{8, 6, {}}, a100{8, 0, {}};
  const Row rows[] = {
      {"clocks of an idle GPU", {slow, reasons({"gpu-idle"})}, {slow}, "clocks-rest"},
      {"a link of an idle GPU", {narrow, reasons({"gpu-idle"})}, {narrow}, "link-rests"},
      {"a cap of power", {reasons({"sw-power-cap"})}, {reasons({"hw-slowdown"})}, "power-cap"},
      {"no ECC", {without_ecc}, {without_ecc, board("NVIDIA RTX A6000", ampere)}, "no-ecc"},
      {"no P2P", {p2p("gpu-not-supported")}, {p2p("topology-not-supported")}, "no-p2p"},
      {"no P2P, turned off", {p2p("disabled")}, {p2p("ok")}, "no-p2p"},
      {"no P2P on the chipset", {p2p("chipset-not-supported")}, {p2p("not-supported")}, "no-p2p"},
      {"no P2P of both",
       {p2p("gpu-not-supported")},
       {p2p("gpu-not-supported"), board("NVIDIA GeForce RTX 3090", ampere)},
       "no-p2p"},
      {"no P2P of GeForce",
       {p2p("gpu-not-supported")},
       {p2p("gpu-not-supported"), board("NVIDIA L40S", Sm{8, 9, {}})},
       "no-p2p"},
      {"NVLink of H800",
       {board("NVIDIA H800", hopper), links(212'500)},
       {board("NVIDIA H800", hopper), links(106'250)},
       "nvlink-400"},
      {"NVLink of A800",
       {board("NVIDIA A800-SXM4-80GB", a100), links(200'000)},
       {board("NVIDIA A100-SXM4-80GB", a100), links(200'000)},
       "nvlink-400"},
  };
  EXPECT_EQ(said({}), "");
  for (auto& row : rows) {
    EXPECT_EQ(said(row.fires), row.says) << row.what;
    EXPECT_EQ(said(row.silent), "") << row.what;
  }
}

TEST(Normal, OfEqualGpusOnce) {
  auto both = [](NvmlAnswers& nvml) {
    for (auto& gpu : nvml.gpus) gpu.clock_reasons = told(std::vector<std::string>{"sw-power-cap"});
  };
  EXPECT_EQ(said({both}), "power-cap");
}

}  // namespace
}  // namespace cufit::testing
