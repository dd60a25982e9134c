// Drivers that misbehave, in every call that the probe makes: what was heard before stands, what was asked
// for has a reason, the other library answers as ever, and the probe comes to its end.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/parallel.h"
#include "probe/answers.h"

namespace cufit {
namespace {

using namespace test;
using namespace std::chrono_literals;
namespace fs = std::filesystem;
using End = Asking::End;
using std::string;

constexpr auto kGraphics = "nvmlDeviceGetGraphicsRunningProcesses_v3";

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
  expect_stands(facts_of(answers), facts_of(good), fault.reason, call);
  expect_there(facts_of(answers), facts_of(good), before(asking, call));
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
TEST(EveryCall, FloodsThePipe) { every_call({"flood", End::flooded, "4 MiB", "flooded"}); }
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
        expect_stands(facts_of(heard.cuda), facts_of(good.cuda), reason, names[i]);
        if (!absent_of_nvml) expect_stands(facts_of(heard.nvml), facts_of(good.nvml), reason, names[i]);
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
    expect_stands(facts_of(heard.nvml), facts_of(good.nvml), "no symbol", name);
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

}  // namespace
}  // namespace cufit
