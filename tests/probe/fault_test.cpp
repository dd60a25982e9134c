// Drivers that misbehave, in every call that the probe makes: what was heard before stands, what was asked
// for has a reason, the other library answers as ever, and the probe comes to its end.
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>

#include "base/parallel.h"
#include "model/json.h"
#include "probe/fakes.h"

namespace cufit {
namespace {

using namespace test;
using namespace std::chrono_literals;
namespace fs = std::filesystem;
using End = Asking::End;
using std::string;

constexpr auto kGraphics = "nvmlDeviceGetGraphicsRunningProcesses_v3";

/// The answers of a driver that works, to compare with.
const Probed& healthy() {
  static const Probed answers = fake();
  return answers;
}

/// Without what is never the same twice.
Json timeless(Json json) {
  if (json.is_object()) json.erase("micros");
  if (json.is_structured())
    for (auto& part : json) part = timeless(part);
  return json;
}

/// Is every fact that is there what the driver that works says, or Unreadable for this reason?
void expect_stands(const Json& heard, const Json& good, const string& reason) {
  for (auto& [name, fact] : heard.items()) {
    if (fact.is_object() && fact.contains("unreadable")) {
      EXPECT_EQ(fact["unreadable"], reason) << name;
    } else if (fact.is_array() && !fact.empty() && fact[0].is_object()) {
      for (size_t i = 0; i < fact.size(); i++) expect_stands(fact[i], good.at(name).at(i), reason);
    } else {
      EXPECT_EQ(fact, good.value(name, Json())) << name;
    }
  }
}

size_t count_unreadable(const Json& json) {
  size_t n = json.is_object() && json.contains("unreadable") ? 1 : 0;
  if (json.is_structured())
    for (auto& part : json) n += count_unreadable(part);
  return n;
}

/// The answers of one library without how the asking went.
Json facts_of(const auto& answers) {
  Json json = timeless(write_json(answers));
  json.erase("asking");
  json.erase("init");  // a code is its value
  if (json.contains("gpus"))
    for (auto& gpu : json["gpus"]) gpu.erase("proofs");
  return json;
}

/// Calls up to the first of a name, that one not among them.
std::vector<DriverCall> before(const Asking& asking, const string& name) {
  auto at = std::ranges::find(asking.calls, name, &DriverCall::name);
  std::vector<DriverCall> out(asking.calls.begin(), at);
  for (auto& call : out) call.micros = 0;
  return out;
}

struct Fault {
  const char* name;
  End end;
  const char *how, *reason;
};

/// What holds of the library in which a call went wrong.
void expect_ended(const auto& answers, const auto& good, const string& call, const Fault& fault) {
  auto& asking = answers.asking;
  EXPECT_EQ(asking.end, fault.end);
  EXPECT_EQ(asking.in, call);
  EXPECT_EQ(asking.how, fault.how);
  ASSERT_FALSE(asking.calls.empty());
  EXPECT_EQ(asking.calls.back().name, call);
  EXPECT_EQ(why(asking.calls.back().code), fault.reason);
  EXPECT_EQ(before(asking, call), before(good.asking, call));
  EXPECT_FALSE(asking.mapped.empty());
  expect_stands(facts_of(answers), facts_of(good), fault.reason);
}

void every_call(const Fault& fault) {
  auto& good = healthy();
  struct Case {
    bool nvml;
    string call;
  };
  std::vector<Case> cases;
  for (auto& call : calls_of(good.nvml.asking)) cases.push_back({true, call});
  for (auto& call : calls_of(good.cuda.asking)) cases.push_back({false, call});
  ASSERT_GT(cases.size(), 50u);
  parallel_for(
      cases.size(),
      [&](size_t i) {
        auto& [nvml, call] = cases[i];
        SCOPED_TRACE(fault.name + (":" + call));
        auto options = fake_options(fault.name + (":" + call));
        if (fault.end == End::hung) options.call = 1s;
        auto heard = probe(options);
        if (nvml) {
          expect_ended(heard.nvml, good.nvml, call, fault);
          // The graphics list only adds to the other one.
          EXPECT_NE(count_unreadable(facts_of(heard.nvml)) > 0, call == kGraphics);
          EXPECT_EQ(timeless(write_json(heard.cuda)), timeless(write_json(good.cuda)));
        } else {
          expect_ended(heard.cuda, good.cuda, call, fault);
          EXPECT_EQ(timeless(write_json(heard.nvml)), timeless(write_json(good.nvml)));
        }
      },
      16);
}

TEST(EveryCall, Hangs) { every_call({"hang", End::hung, "1 s for one call", "hung"}); }
TEST(EveryCall, PrintsWithoutEnd) { every_call({"print", End::hung, "1 s for one call", "hung"}); }
TEST(EveryCall, Crashes) { every_call({"crash", End::crashed, "SIGSEGV", "crashed"}); }
TEST(EveryCall, Aborts) { every_call({"abort", End::crashed, "SIGABRT", "crashed"}); }
TEST(EveryCall, EndsTheProcess) { every_call({"exit", End::crashed, "exit 3", "crashed"}); }
TEST(EveryCall, WritesGarbage) { every_call({"garbage", End::garbled, "garbage", "garbage"}); }
TEST(EveryCall, WritesGarbageEverywhere) { every_call({"everywhere", End::garbled, "garbage", "garbage"}); }
TEST(EveryCall, WritesFramesOfAnotherVersion) {
  every_call({"version", End::garbled, "version 2", "garbage"});
}
TEST(EveryCall, FloodsThePipe) { every_call({"flood", End::flooded, "4 MiB", "flood"}); }
TEST(EveryCall, ClosesAllDescriptors) {
  every_call({"close", End::garbled, "its pipe was closed", "garbage"});
}
TEST(EveryCall, ClosesAllDescriptorsAndHangs) {
  every_call({"closehang", End::garbled, "its pipe was closed", "garbage"});
}
TEST(EveryCall, LeavesAProcessThatHoldsThePipe) {
  every_call({"forkexit", End::crashed, "exit 3", "crashed"});
}

/// Errors of a call: the asking goes on, and only what that call was for is not known.
void every_error(uint32_t code, bool absent_of_nvml) {
  auto& good = healthy();
  auto names = calls_of(good.nvml.asking), cuda = calls_of(good.cuda.asking);
  names.insert(names.end(), cuda.begin(), cuda.end());
  parallel_for(
      names.size(),
      [&](size_t i) {
        string fault = "code:" + names[i] + ":" + std::to_string(code);
        SCOPED_TRACE(fault);
        auto heard = fake(fault);
        for (auto* asking : {&heard.nvml.asking, &heard.cuda.asking}) {
          EXPECT_EQ(asking->end, End::done) << asking->how;
          EXPECT_EQ(asking->in, "");
          for (auto& call : asking->calls)
            EXPECT_EQ(call.name == names[i] && call.code != told(code, call.name.c_str()), false);
        }
        string reason = "error " + std::to_string(code);
        expect_stands(facts_of(heard.cuda), facts_of(good.cuda), reason);
        if (!absent_of_nvml) expect_stands(facts_of(heard.nvml), facts_of(good.nvml), reason);
        EXPECT_TRUE(!absent_of_nvml || count_unreadable(facts_of(heard.nvml)) == 0);
      },
      8);
}

TEST(EveryCall, FailsWithAnError) { every_error(15, false); }
TEST(EveryCall, FailsWithAnUnknownError) { every_error(999, false); }
TEST(EveryCall, IsNotSupported) { every_error(3, true); }

/// A copy of a fake in which a function is called otherwise: dlsym finds its name no more.
string without(const string& folder, const string& library, const string& function) {
  std::ifstream in(CUFIT_FAKES "/new/" + library, std::ios::binary);
  string bytes{std::istreambuf_iterator<char>(in), {}};
  string name = '\0' + function + '\0';
  size_t found = 0;
  for (size_t at = 0; (at = bytes.find(name, at)) != bytes.npos; at++, found++) bytes[at + 1] = '#';
  EXPECT_GE(found, 1u) << function;
  fs::create_directories(folder);
  std::ofstream(folder + "/" + library, std::ios::binary) << bytes;
  return folder;
}

TEST(EveryCall, IsMissing) {
  auto& good = healthy();
  auto scratch = fs::temp_directory_path() / ("cufit-fakes-" + std::to_string(getpid()));
  auto all = [&](const auto& asking, const string& library, auto check) {
    auto names = calls_of(asking);
    parallel_for(
        names.size(),
        [&](size_t i) {
          SCOPED_TRACE(names[i]);
          auto folder = without(scratch / names[i], library, names[i]);
          fs::copy_file(CUFIT_FAKES "/new/" +
                            (library == "libcuda.so.1" ? string("libnvidia-ml.so.1") : "libcuda.so.1"),
                        folder + "/" + (library == "libcuda.so.1" ? "libnvidia-ml.so.1" : "libcuda.so.1"));
          check(names[i], fake("", folder));
        },
        8);
  };
  all(good.nvml.asking, "libnvidia-ml.so.1", [&](const string& name, const Probed& heard) {
    EXPECT_EQ(heard.nvml.asking.end, End::done) << heard.nvml.asking.how;
    auto* call = call_of(heard.nvml.asking, name);
    ASSERT_TRUE(call);
    EXPECT_EQ(why(call->code), "no symbol");
    expect_stands(facts_of(heard.nvml), facts_of(good.nvml), "no symbol");
    EXPECT_NE(count_unreadable(facts_of(heard.nvml)) > 0, name == kGraphics);
  });
  all(good.cuda.asking, "libcuda.so.1", [&](const string& name, const Probed& heard) {
    EXPECT_EQ(heard.cuda.asking.end, End::done) << heard.cuda.asking.how;
    // Of the identity the older function answers.
    auto* call = call_of(heard.cuda.asking, name);
    EXPECT_EQ(call ? why(call->code) : name, call ? "no symbol" : "cuDeviceGetUuid_v2");
  });
  fs::remove_all(scratch);
}

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
  EXPECT_TRUE(call_of(heard.cuda.asking, "cuCtxDestroy_v2", "1"));
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
  ASSERT_EQ(heard.cuda.gpus[0].proofs.size(), 1u);  // it was tried, without a single call
  EXPECT_TRUE(is_absent(heard.cuda.gpus[0].proofs[0].code));
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
  EXPECT_TRUE(cuda.gpus[1].proofs.empty());
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

TEST(Abandoned, AfterAllWasProved) { collect::Probe nobody_waits(fake_options()); }

/// No process of ours is left, nor one that a driver made.
TEST(Processes, NoneStays) {
  ASSERT_EQ(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);  // so that whatever stays would be ours
  for (string fault : {"", "fork:cuInit", "forkexit:cuInit", "hang:cuInit", "crash:cuInit"}) {
    auto options = fake_options(fault);
    options.call = 500ms;
    probe(options);
    pid_t left;
    do left = waitpid(-1, nullptr, 0);  // what was killed may still be dying; what was not never ends
    while (left > 0);
    EXPECT_EQ(errno, ECHILD);
  }
}

}  // namespace
}  // namespace cufit
