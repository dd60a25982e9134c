// What is said of packages on a machine without libcuda. Expected outcomes: runs of PyTorch 2.9.1, numba
// 0.68.1, Triton 3.5.1, XGBoost 3.2.0, NVRTC and nvJitLink 12.8 on a machine without GPU and driver.
#include "judge/observed_world.h"

namespace cufit::testing {
namespace {

Judgement without_driver(const Json& subject, bool gpu) {
  Json patch = {{"driver", "none"}, {"observed", {{"loaded", "absent"}, {"on_disk", "absent"}}}};
  patch["observed"]["modules"] = Json::array();
  for (auto* name : {"libcuda.so.1", "libnvidia-ml.so.1", "libnvidia-ptxjitcompiler.so.1"})
    patch["observed"]["libraries"]["/usr/lib/x86_64-linux-gnu/" + std::string(name)] = nullptr;
  patch["subjects"]["s0"] = subject;
  patch["subjects"]["s0"]["kind"] = "distribution";
  if (!gpu) {
    patch["gpus"] = Json::array({"a100-pcie-80gb"});
    patch["observed"]["pci"]["0000:3b:00.0"] = nullptr;
    for (auto* node : {"/dev/nvidiactl", "/dev/nvidia0", "/dev/nvidia-uvm"})
      patch["observed"]["nodes"][node] = nullptr;
  }
  auto world = observed_world("host", {patch});
  if (!gpu) world.machine.gpus = {{"gpu0", {}, {}, {}, {}}};
  return judge(world, Knowledge::builtin()).judgements.at(0);
}

Json package(const char* name, Json file) {
  return {{"name", name}, {"version", "1"}, {"files", Json::array({std::move(file)})}};
}
const Json kernels = {{"modules", {"s80"}}, {"toolkits", {"12.8"}}};

TEST(WithoutDriver, CompilersRunAndTheRuntimeDoesNot) {
  for (bool gpu : {false, true}) {
    SCOPED_TRACE(gpu);
    for (auto* name : {"nvidia-cuda-nvrtc-cu12", "nvidia-nvjitlink-cu12"}) {
      auto j = without_driver(package(name, {{"role", "jit-compiler"}, {"toolkits", {"12.8"}}}), gpu);
      EXPECT_EQ(j.verdict, Verdict::fits) << name;
      EXPECT_EQ(j.why.text.id, "image.only-compiles");
    }
    Json cudart = {{"path", "lib/libcudart.so.12"}, {"soname", "libcudart.so.12"}, {"toolkits", {"12.8"}}};
    auto j = without_driver(package("nvidia-cuda-runtime-cu12", cudart), gpu);
    EXPECT_EQ(j.verdict, Verdict::unfit);
    ASSERT_TRUE(j.fails);
    EXPECT_EQ(j.fails->code, 35);
    EXPECT_EQ(j.fails->call, "cudaGetDeviceCount");
  }
}

TEST(WithoutDriver, EachIsSeenInItsOwnWords) {
  struct Seen {
    const char *name, *id;
    int code;
  };
  for (bool gpu : {false, true})
    for (auto& seen : {Seen{"torch", "seen.35-no-driver-torch", 35},
                       {"cupy-cuda12x", "seen.35-no-driver", 35},
                       {"numba", "seen.own-words", 0},
                       {"triton", "seen.own-words", 0}}) {
      SCOPED_TRACE(seen.name + std::string(gpu ? " with a GPU" : " without"));
      auto j = without_driver(package(seen.name, kernels), gpu);
      EXPECT_EQ(j.verdict, Verdict::unfit);
      ASSERT_TRUE(j.fails);
      EXPECT_EQ(j.fails->seen_as.id, seen.id);
      EXPECT_EQ(j.fails->code, seen.code);
    }
}

TEST(WithoutDriver, WhatGoesOnIsLimited) {
  for (bool gpu : {false, true}) {
    SCOPED_TRACE(gpu);
    auto j = without_driver(package("xgboost", kernels), gpu);
    EXPECT_EQ(j.verdict, Verdict::limited);
    EXPECT_FALSE(j.fails);
    ASSERT_EQ(j.limits.size(), 1u);
    EXPECT_EQ(j.limits[0].text.id, "limit.on-the-cpu");
  }
}

}  // namespace
}  // namespace cufit::testing
