// Drivers that are old, lie, or do what only one call can do, and how the probe starts and ends.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "probe/answers.h"

namespace cufit {
namespace {

using namespace test;
using namespace std::chrono_literals;
namespace fs = std::filesystem;
using End = Asking::End;
using std::string;

TEST(CuInit, ItsCodeIsAFact) {
  EXPECT_EQ(fake("code:cuInit:100").cuda.init, told(100u, "cuInit"));
  EXPECT_EQ(why(fake("code:cuInit:100").cuda.count), "error 100");
  EXPECT_EQ(why(fake("crash:cuInit").cuda.init), "crashed");
}

TEST(OldDriver, AnswersByItsOldNames) {
  auto heard = fake("", CUFIT_FAKES "/old");
  EXPECT_EQ(heard.nvml.asking.end, End::done);
  EXPECT_EQ(heard.nvml.count, told(2u, "nvmlDeviceGetCount"));
  EXPECT_EQ(heard.nvml.gpus.at(0).address, told<string>("0000:3b:00.0", "nvmlDeviceGetPciInfo_v2"));
  EXPECT_EQ(heard.nvml.gpus.at(0).power_limit, told(400'000u, "nvmlDeviceGetPowerManagementLimit"));
  EXPECT_EQ(heard.nvml.gpus.at(1).fabric, told<string>("completed", "nvmlDeviceGetGpuFabricInfo"));
  EXPECT_EQ(count_unreadable(facts_of(heard.nvml)), 0u);
  EXPECT_EQ(heard.cuda.asking.end, End::done);
  EXPECT_EQ(heard.cuda.gpus.at(0).uuid,
            told<string>("GPU-00010203-0405-0607-0809-0a0b0c0d0e0f", "cuDeviceGetUuid"));
  ASSERT_EQ(heard.cuda.gpus.at(1).proofs.size(), 3u);
  EXPECT_EQ(heard.cuda.gpus[1].proofs[2].right, told(true, "cuMemcpyDtoH_v2"));
}

TEST(LyingDriver, CountsAreToldAndNotBelieved) {
  auto heard = fake(
      "count:nvmlDeviceGetCount_v2:4000000000 count:cuDeviceGetCount:2000000000 "
      "count:nvmlDeviceGetComputeRunningProcesses_v3:4000000000");
  EXPECT_EQ(heard.nvml.asking.end, End::done) << heard.nvml.asking.how;
  EXPECT_EQ(heard.nvml.count, told(4'000'000'000u, "nvmlDeviceGetCount_v2"));
  EXPECT_EQ(heard.nvml.gpus.size(), 64u);
  EXPECT_EQ(heard.nvml.pairs.size(), 64u * 63 / 2);
  EXPECT_LE(heard.nvml.gpus[0].processes->size(), 1024u);
  EXPECT_EQ(heard.cuda.asking.end, End::done) << heard.cuda.asking.how;
  EXPECT_EQ(heard.cuda.count, told(2'000'000'000u, "cuDeviceGetCount"));
  EXPECT_EQ(heard.cuda.gpus.size(), 64u);
}

TEST(LyingDriver, ANegativeCountIsNone) {
  auto cuda = fake("count:cuDeviceGetCount:4294967295").cuda;
  EXPECT_EQ(cuda.asking.end, End::done);
  EXPECT_TRUE(cuda.gpus.empty());
}

TEST(LyingDriver, ValuesThatAreNoneAreUnreadable) {
  auto heard = fake("value:cuDeviceGetAttribute value:nvmlSystemGetDriverVersion bytes:cuDeviceGetName");
  EXPECT_EQ(why(heard.cuda.gpus.at(0).compute_mode), "value 77");
  EXPECT_EQ(why(heard.nvml.driver), "garbage");
  EXPECT_EQ(heard.cuda.gpus[0].name, told(string(255, '?'), "cuDeviceGetName"));
  EXPECT_NO_THROW(write_json(heard).dump());
}

TEST(LostGpu, LeavesTheOthers) {
  auto heard = fake("lost:nvmlDeviceGetHandleByIndex_v2 lost:cuDeviceGet");
  ASSERT_EQ(heard.nvml.gpus.size(), 2u);
  EXPECT_EQ(why(heard.nvml.gpus[0].name), "error 15");
  EXPECT_EQ(why(heard.nvml.gpus[0].processes), "error 15");
  EXPECT_EQ(heard.nvml.gpus[1], healthy().nvml.gpus[1]);
  EXPECT_TRUE(heard.nvml.pairs.empty());
  EXPECT_EQ(why(heard.cuda.gpus.at(0).name), "error 101");
  EXPECT_EQ(heard.cuda.gpus.at(1).name, healthy().cuda.gpus[1].name);
  EXPECT_TRUE(heard.cuda.gpus[0].proofs.empty());
  EXPECT_EQ(heard.cuda.gpus[1].proofs.size(), 3u);
}

TEST(Dlopen, FindsNothing) {
  auto folder = fs::temp_directory_path() / ("cufit-none-" + std::to_string(getpid()));
  fs::create_directories(folder);
  // A file that is no library ends the search, so that a driver of this machine is not found behind it.
  for (auto name : {"libcuda.so.1", "libnvidia-ml.so.1"}) std::ofstream(folder / name) << string(4096, 'x');
  auto heard = fake("", folder);
  fs::remove_all(folder);
  for (auto* asking : {&heard.nvml.asking, &heard.cuda.asking}) {
    EXPECT_EQ(asking->end, End::no_library);
    EXPECT_EQ(asking->in, "dlopen");
    EXPECT_NE(asking->how.find("invalid ELF header"), string::npos) << asking->how;
    EXPECT_TRUE(asking->calls.empty());
  }
}

TEST(Dlopen, RunsWhatHangsOrCrashes) {
  auto options = fake_options("hang:load");
  options.call = 500ms;
  auto cuda = probe(options).cuda;
  EXPECT_EQ(cuda.asking.end, End::hung);
  EXPECT_EQ(cuda.asking.in, "dlopen");
  EXPECT_EQ(cuda.asking.how, "500 ms for one call");
  cuda = fake("crash:load").cuda;
  EXPECT_EQ(cuda.asking.end, End::crashed);
  EXPECT_EQ(cuda.asking.in, "dlopen");
}

TEST(Start, APreloadThatCrashesIsNoAnswer) {
  auto options = fake_options("crash:load");
  options.env["LD_PRELOAD"] = CUFIT_FAKES "/new/libcuda.so.1";
  auto cuda = probe(options).cuda;
  EXPECT_EQ(cuda.asking.end, End::crashed);
  EXPECT_EQ(cuda.asking.how, "SIGSEGV");
  EXPECT_EQ(cuda.asking.in, "");
}

TEST(Start, TheLoaderMayRefuse) {
  auto options = fake_options();
  auto folder = fs::temp_directory_path() / ("cufit-libc-" + std::to_string(getpid()));
  fs::create_directories(folder);
  std::ofstream(folder / "libdl.so.2") << string(4096, 'x');
  options.env["LD_LIBRARY_PATH"] = folder;
  auto cuda = probe(options).cuda;
  fs::remove_all(folder);
  EXPECT_EQ(cuda.asking.end, End::not_started);
  EXPECT_EQ(cuda.asking.how, "exit 127");
}

TEST(Start, ADriverFindsNothingOfOthers) {
  signal(SIGPIPE, SIG_IGN);
  ASSERT_GE(dup2(0, 50), 0);
  ASSERT_TRUE(getenv("PATH"));
  auto heard = fake("look:cuInit look:nvmlInit_v2");
  close(50);
  EXPECT_EQ(heard.cuda.asking.how, "exit 0");
  EXPECT_EQ(heard.nvml.asking.how, "exit 0");
}

TEST(Deadline, OfAllCallsTogether) {
  auto options = fake_options("slow:cuDeviceGetAttribute:300 slow:nvmlDeviceGetClockInfo:300");
  options.all = 700ms;
  auto heard = probe(options);
  for (auto* asking : {&heard.nvml.asking, &heard.cuda.asking}) {
    EXPECT_EQ(asking->end, End::hung);
    EXPECT_EQ(asking->how, "700 ms in all");
  }
  EXPECT_EQ(why(heard.cuda.gpus.at(0).compute_mode), "hung");
}

TEST(Deadline, OfImagesToo) {
  auto options = fake_options("slow:cuModuleLoadData:150");
  options.all = 1500ms;
  std::vector<collect::ProofImage> many(10, {"s0", "/a.so", {0x7f, 'E', 'L', 'F'}});
  auto cuda = probe(options, [&](const CudaGpu&) { return many; }).cuda;
  EXPECT_EQ(cuda.asking.end, End::hung);
  EXPECT_EQ(cuda.asking.how, "1500 ms in all");
  EXPECT_EQ(cuda.asking.in, "cuModuleLoadData");
  EXPECT_EQ(cuda.gpus.at(0).proofs.back().what, Proof::What::image);
}

TEST(Deadline, DoesNotCountTheTimeUntilTheCallerHasImages) {
  auto options = fake_options();
  options.all = options.call = 1s;
  collect::Probe probe(options);
  usleep(1'500'000);
  auto cuda = probe
                  .finish([](const CudaGpu&) -> std::vector<collect::ProofImage> {
                    return {{"s0", "/a.so", {0x7f, 'E', 'L', 'F'}}};
                  })
                  .cuda;
  EXPECT_EQ(cuda.asking.end, End::done) << cuda.asking.how;
  ASSERT_EQ(cuda.gpus.at(1).proofs.size(), 4u);
}

TEST(Deadline, DoesNotCountWhatTheCallerTakes) {
  auto options = fake_options();
  options.all = 2s;
  options.call = 2s;
  auto gpus = probe(options, [](const CudaGpu&) -> std::vector<collect::ProofImage> {
                usleep(1'500'000);
                return {{"s0", "/a.so", {0x7f, 'E', 'L', 'F'}}};
              }).cuda.gpus;
  ASSERT_EQ(gpus.at(1).proofs.size(), 4u);
  EXPECT_EQ(gpus[1].proofs[3].code, told(0u, "cuModuleLoadData"));
}

TEST(Proofs, AHangInOneIsTold) {
  auto options = fake_options("hang:cuCtxSynchronize");
  options.call = 500ms;
  auto cuda = probe(options).cuda;
  ASSERT_EQ(cuda.gpus.size(), 2u);
  ASSERT_EQ(cuda.gpus[0].proofs.size(), 2u);
  EXPECT_EQ(cuda.gpus[0].proofs[1].call, "cuCtxSynchronize");
  EXPECT_EQ(why(cuda.gpus[0].proofs[1].code), "hung");
  EXPECT_TRUE(is_absent(cuda.gpus[0].proofs[1].right));
  // Another child asked the GPU behind it.
  ASSERT_EQ(cuda.gpus[1].proofs.size(), 2u);
  EXPECT_EQ(why(cuda.gpus[1].proofs[1].code), "hung");
}

TEST(Proofs, ACrashOnOneGpuLeavesTheOthers) {
  auto options = fake_options("crash0:cuDevicePrimaryCtxRetain");
  size_t asked = 0;
  auto cuda = probe(options, [&](const CudaGpu& gpu) {
                asked++;
                EXPECT_EQ(gpu.ordinal, 1u);
                return std::vector<collect::ProofImage>{{"s0", "f", {1, 2, 3, 4}}};
              }).cuda;
  EXPECT_EQ(cuda.asking.how, "SIGABRT");
  ASSERT_EQ(cuda.gpus.size(), 2u);
  ASSERT_EQ(cuda.gpus[0].proofs.size(), 1u);
  EXPECT_EQ(why(cuda.gpus[0].proofs[0].code), "crashed");
  EXPECT_EQ(cuda.gpus[1].proofs.size(), 4u);
  EXPECT_EQ(*cuda.gpus[1].proofs[2].code, 0u);
  EXPECT_EQ(asked, 1u);
}

/// PTX of others is not to blame where ours is not compiled.
TEST(Proofs, WhatIsToBeCompiledIsNotLoadedWhereNothingIs) {
  auto images = [](const CudaGpu&) {
    return std::vector<collect::ProofImage>{{"s0", "ptx", {1}, true}, {"s1", "sass", {1}, false}};
  };
  auto loaded = [&](const char* driver) {
    std::string files;
    for (auto& proof : probe(fake_options(driver), images).cuda.gpus.at(0).proofs) files += proof.file;
    return files;
  };
  EXPECT_EQ(loaded(""), "ptxsass");
  EXPECT_EQ(loaded("code:cuModuleLoadData:221"), "sass");
}

TEST(Proofs, AnErrorLeavesTheNextToBeTried) {
  auto gpu = fake("code:cuModuleLoadData:209").cuda.gpus.at(0);
  ASSERT_EQ(gpu.proofs.size(), 3u);
  for (int i : {1, 2}) {
    EXPECT_EQ(gpu.proofs[i].call, "cuModuleLoadData");
    EXPECT_EQ(gpu.proofs[i].code, told(209u, "cuModuleLoadData"));
  }
  gpu = fake("code:cuDevicePrimaryCtxRetain:2").cuda.gpus.at(0);
  ASSERT_EQ(gpu.proofs.size(), 1u);
  EXPECT_EQ(gpu.proofs[0].code, told(2u, "cuDevicePrimaryCtxRetain"));
}

TEST(Abandoned, EndsAtOnce) {
  auto options = fake_options("hang:cuInit hang:nvmlInit_v2");
  options.call = options.all = 1h;
  collect::Probe nobody_waits(options);
}

/// Waits until no process is left that is ours: what was killed may still be dying; what was not never ends.
void wait_for_all_children() {
  while (waitpid(-1, nullptr, 0) > 0) {
  }
  EXPECT_EQ(errno, ECHILD);
}

TEST(Abandoned, AfterAllWasProved) {
  auto marks = fs::temp_directory_path() / ("cufit-marks-" + std::to_string(getpid()));
  auto options = fake_options("mark:cuModuleUnload");
  options.env["FAKE_MARKS"] = marks;
  {
    collect::Probe nobody_waits(options);
    constexpr uintmax_t kernels = 4;  // two on each of two GPUs: then it waits for images
    std::error_code none;
    for (int i = 0; i < 3000 && (!fs::exists(marks) || fs::file_size(marks, none) < kernels); i++)
      usleep(10'000);
    EXPECT_EQ(fs::file_size(marks), kernels);
  }
  fs::remove(marks);
  wait_for_all_children();
}

/// No process of ours is left, nor one that a driver made.
TEST(Processes, NoneStays) {
  ASSERT_EQ(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);  // so that whatever stays would be ours
  for (string fault : {"", "fork:cuInit", "forkexit:cuInit", "hang:cuInit", "crash:cuInit"}) {
    auto options = fake_options(fault);
    options.call = 500ms;
    probe(options);
    wait_for_all_children();
  }
}

}  // namespace
}  // namespace cufit
