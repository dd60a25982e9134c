// A driver that works: every answer becomes the fact that it is.
#include <gtest/gtest.h>

#include <algorithm>

#include "probe/fakes.h"

namespace cufit {
namespace {

using namespace test;
using std::string;

/// The first GPU of fake/nvml.c.
NvmlGpu first_of_nvml() {
  NvmlGpu g;
  g.index = 0;
  g.name = told<string>("NVIDIA A800-SXM4-80GB", "nvmlDeviceGetName");
  g.uuid = told<string>("GPU-00000000-0000-0000-0000-000000000000", "nvmlDeviceGetUUID");
  g.address = told<string>("0000:3b:00.0", "nvmlDeviceGetPciInfo_v3");
  g.minor = told(0u, "nvmlDeviceGetMinorNumber");
  g.sm = told(Sm{8, 0, {}}, "nvmlDeviceGetCudaComputeCapability");
  g.memory = told(uint64_t{80} << 30, "nvmlDeviceGetMemoryInfo");
  g.memory_free = told(uint64_t{79} << 30, "nvmlDeviceGetMemoryInfo");
  g.mig = told(false, "nvmlDeviceGetMigMode");
  g.persistence = told(true, "nvmlDeviceGetPersistenceMode");
  g.ecc = told(true, "nvmlDeviceGetEccMode");
  g.compute_mode = told<string>("exclusive-process", "nvmlDeviceGetComputeMode");
  g.ecc_uncorrected = told(uint64_t{5}, "nvmlDeviceGetTotalEccErrors");
  g.remapped_rows = told(uint64_t{2}, "nvmlDeviceGetRemappedRows");
  g.remap_pending = told(true, "nvmlDeviceGetRemappedRows");
  g.remap_failed = told(false, "nvmlDeviceGetRemappedRows");
  g.sm_clock = told(210u, "nvmlDeviceGetClockInfo");
  g.sm_clock_max = told(1410u, "nvmlDeviceGetMaxClockInfo");
  g.memory_clock = told(1215u, "nvmlDeviceGetClockInfo");
  g.memory_clock_max = told(1593u, "nvmlDeviceGetMaxClockInfo");
  g.clock_reasons =
      told(std::vector<string>{"gpu-idle", "sw-power-cap"}, "nvmlDeviceGetCurrentClocksEventReasons");
  g.pcie_generation = told(1u, "nvmlDeviceGetCurrPcieLinkGeneration");
  g.pcie_generation_max = told(4u, "nvmlDeviceGetMaxPcieLinkGeneration");
  g.pcie_width = told(8u, "nvmlDeviceGetCurrPcieLinkWidth");
  g.pcie_width_max = told(16u, "nvmlDeviceGetMaxPcieLinkWidth");
  g.power = told(61'000u, "nvmlDeviceGetPowerUsage");
  g.power_limit = told(400'000u, "nvmlDeviceGetEnforcedPowerLimit");
  g.temperature = told(33u, "nvmlDeviceGetTemperature");
  g.nvlinks = told(11u, "nvmlDeviceGetNvLinkState");
  g.nvlink_rate = told(11u * 25'000, "nvmlDeviceGetFieldValues");
  g.fabric = none<string>("nvmlDeviceGetGpuFabricInfoV");
  g.recovery = told<string>("reset", "nvmlDeviceGetFieldValues");
  return g;
}

TEST(HealthyDriver, NvmlTellsAllOfAGpu) {
  auto nvml = fake().nvml;
  EXPECT_EQ(nvml.asking.end, Asking::End::done) << nvml.asking.how << " in " << nvml.asking.in;
  EXPECT_EQ(nvml.driver, told(*Version::parse("580.95.05"), "nvmlSystemGetDriverVersion"));
  EXPECT_EQ(nvml.cuda, told(*Version::parse("13.0"), "nvmlSystemGetCudaDriverVersion_v2"));
  EXPECT_EQ(nvml.init, told(0u, "nvmlInit_v2"));
  EXPECT_EQ(nvml.count, told(2u, "nvmlDeviceGetCount_v2"));
  ASSERT_EQ(nvml.gpus.size(), 2u);
  auto gpu = nvml.gpus[0];
  gpu.processes = {};
  EXPECT_EQ(gpu, first_of_nvml());
  GpuPair pair{0, 1, told<string>("disabled", "nvmlDeviceGetP2PStatus"),
               told<string>("pxb", "nvmlDeviceGetTopologyCommonAncestor")};
  EXPECT_EQ(nvml.pairs, std::vector{pair});
}

TEST(HealthyDriver, WhatAGpuHasNotIsAbsent) {
  auto gpu = fake().nvml.gpus.at(1);
  EXPECT_EQ(gpu.index, 1u);
  EXPECT_EQ(gpu.sm, told(Sm{9, 0, {}}, "nvmlDeviceGetCudaComputeCapability"));
  EXPECT_EQ(gpu.remapped_rows, none<uint64_t>("nvmlDeviceGetRemappedRows"));
  EXPECT_EQ(gpu.nvlinks, none<uint32_t>("nvmlDeviceGetNvLinkState"));
  EXPECT_EQ(gpu.nvlink_rate, none<uint32_t>("nvmlDeviceGetNvLinkState"));
  EXPECT_EQ(gpu.recovery, none<string>("nvmlDeviceGetFieldValues"));
  EXPECT_EQ(gpu.fabric, told<string>("completed", "nvmlDeviceGetGpuFabricInfoV"));
}

TEST(HealthyDriver, ProcessesAreListedOnce) {
  const char* call = "nvmlDeviceGetComputeRunningProcesses_v3";
  auto gpus = fake().nvml.gpus;
  ASSERT_TRUE(gpus.at(0).processes);
  auto processes = *gpus[0].processes;
  ASSERT_EQ(processes.size(), 2u);  // the graphics list repeats the first
  EXPECT_EQ(processes[0].pid, 1u);
  EXPECT_FALSE(processes[0].name.empty());  // whatever runs as the first process here
  EXPECT_EQ(processes[0].memory, told(uint64_t{1} << 20, call));
  EXPECT_EQ(processes[1].pid, 4'000'000'000u);
  EXPECT_EQ(processes[1].name, "");
  ASSERT_EQ(gpus.at(1).processes->size(), 2u);
  EXPECT_EQ((*gpus[1].processes)[0].memory, none<uint64_t>(call));
}

CudaGpu cuda_gpu(uint32_t ordinal, const char* name, const char* uuid, const char* address, Sm sm) {
  CudaGpu g;
  g.ordinal = ordinal;
  g.name = told<string>(name, "cuDeviceGetName");
  g.uuid = told<string>(uuid, "cuDeviceGetUuid_v2");
  g.address = told<string>(address, "cuDeviceGetPCIBusId");
  g.sm = told(sm, "cuDeviceGetAttribute");
  g.memory = told(uint64_t{80 + ordinal} << 30, "cuDeviceTotalMem_v2");
  g.memory_free = told(uint64_t{79} << 30, "cuMemGetInfo_v2");
  g.compute_mode = told<string>("exclusive-process", "cuDeviceGetAttribute");
  g.integrated = told(false, "cuDeviceGetAttribute");
  return g;
}

TEST(HealthyDriver, CudaTellsAllOfAGpu) {
  auto cuda = fake().cuda;
  EXPECT_EQ(cuda.asking.end, Asking::End::done) << cuda.asking.how << " in " << cuda.asking.in;
  EXPECT_EQ(cuda.asking.in, "");
  EXPECT_EQ(cuda.cuda, told(*Version::parse("13.0"), "cuDriverGetVersion"));
  EXPECT_EQ(cuda.init, told(0u, "cuInit"));
  EXPECT_EQ(cuda.count, told(2u, "cuDeviceGetCount"));
  for (auto& gpu : cuda.gpus) gpu.proofs.clear();
  EXPECT_EQ(cuda.gpus,
            (std::vector{cuda_gpu(0, "NVIDIA A800-SXM4-80GB", "GPU-00010203-0405-0607-0809-0a0b0c0d0e0f",
                                  "0000:3b:00.0", {8, 0, {}}),
                         cuda_gpu(1, "NVIDIA H200", "GPU-10111213-1415-1617-1819-1a1b1c1d1e1f",
                                  "0000:86:00.0", {9, 0, {}})}));
}

TEST(HealthyDriver, LibrariesAreToldBehindAllLinks) {
  auto cuda = fake("", CUFIT_FAKES "/new/../new").cuda.asking;
  EXPECT_EQ(cuda.library, CUFIT_FAKES "/new/libcuda.so.1");
  auto mapped = [&](const string& end) {
    return std::ranges::count_if(cuda.mapped, [&](auto& path) { return path.ends_with(end); });
  };
  EXPECT_EQ(mapped("/new/libcuda.so.1"), 1);
  EXPECT_EQ(mapped("/libc.so.6"), 1);
}

TEST(Proofs, ContextThenPtxThenMachineCode) {
  auto cuda = fake().cuda;
  for (auto& gpu : cuda.gpus) {
    ASSERT_EQ(gpu.proofs.size(), 3u);
    EXPECT_EQ(gpu.proofs[0].what, Proof::What::context);
    EXPECT_EQ(gpu.proofs[0].code, told(0u, "cuMemGetInfo_v2"));
    EXPECT_TRUE(is_absent(gpu.proofs[0].right));
    EXPECT_EQ(gpu.proofs[1].what, Proof::What::ptx);
    EXPECT_EQ(gpu.proofs[2].what, Proof::What::sass);
    for (int i : {1, 2}) {
      EXPECT_EQ(gpu.proofs[i].call, "cuMemcpyDtoH_v2");
      EXPECT_EQ(gpu.proofs[i].code, told(0u, "cuMemcpyDtoH_v2"));
      EXPECT_EQ(gpu.proofs[i].right, told(true, "cuMemcpyDtoH_v2"));
    }
  }
}

TEST(Proofs, WrongNumbersAreSeen) {
  auto gpu = fake("wrong:cuLaunchKernel").cuda.gpus.at(0);
  ASSERT_EQ(gpu.proofs.size(), 3u);
  EXPECT_EQ(gpu.proofs[1].code, told(0u, "cuMemcpyDtoH_v2"));
  EXPECT_EQ(gpu.proofs[1].right, told(false, "cuMemcpyDtoH_v2"));
}

TEST(Proofs, NoneWhereNoneIsAskedFor) {
  auto options = fake_options();
  options.init = false;
  auto cuda = probe(options, [](auto&) -> std::vector<collect::ProofImage> {
                ADD_FAILURE() << "images are asked for";
                return {};
              }).cuda;
  EXPECT_EQ(cuda.asking.end, Asking::End::done);
  EXPECT_EQ(calls_of(cuda.asking), std::vector<string>{"cuDriverGetVersion"});
  EXPECT_TRUE(cuda.gpus.empty());
}

TEST(Proofs, ImagesAreLoadedOnTheGpuTheyAreFor) {
  std::vector<uint8_t> fatbin(3 << 20), text = {'t', 'e', 'x', 't'};  // more than a pipe holds
  std::ranges::copy(std::vector<uint8_t>{0x50, 0xed, 0x55, 0xba}, fatbin.begin());
  auto cuda = probe(fake_options(), [&](const CudaGpu& gpu) -> std::vector<collect::ProofImage> {
                if (gpu.ordinal == 0) return {};
                return {{"s0", "/a.so", fatbin}, {"s1", "/b.so", text}};
              }).cuda;
  EXPECT_EQ(cuda.asking.end, Asking::End::done);
  EXPECT_EQ(cuda.gpus.at(0).proofs.size(), 3u);
  auto& proofs = cuda.gpus.at(1).proofs;
  ASSERT_EQ(proofs.size(), 5u);
  EXPECT_EQ(proofs[3].what, Proof::What::image);
  EXPECT_EQ(proofs[3].of, "s0");
  EXPECT_EQ(proofs[3].file, "/a.so");
  EXPECT_EQ(proofs[3].call, "cuModuleLoadData");
  EXPECT_EQ(proofs[3].code, told(0u, "cuModuleLoadData"));
  EXPECT_EQ(proofs[4].code, told(200u, "cuModuleLoadData"));
}

}  // namespace
}  // namespace cufit
