// What is redacted is judged like what it was.
#include "judge/observed_world.h"
#include "model/each_string.h"
#include "model/recording.h"
#include "model/redact.h"
#include "model/variables.h"

namespace cufit::testing {
namespace {

std::string text_of(const Report& report) { return write_json(report).dump(1); }

World world_with_names(const std::string& gpu_name, const std::string& driver, const std::string& torch) {
  World w;
  w.machine = machine(gpu_name, driver,
                      {{"LD_LIBRARY_PATH", "/home/alice/lib:/scratch/alice/lib"}, {"USER", "alice"}});
  for (auto& requirement : {torch, std::string("torchvision==0.17.0+cu121")}) {
    auto s = build(requirement);
    s.id = "s" + std::to_string(w.subjects.size());
    s.kind = Subject::Kind::distribution;
    s.path = s.environment = "/home/alice/venv";
    for (auto& m : s.members) m.bin.path = "/home/alice/venv/lib/python3.11/site-packages/" + m.bin.path;
    s.unread.push_back({"/home/alice/venv/data", {}, {"gap.link-outside", {{"target", "/home/bwong/data"}}}});
    w.subjects.push_back(std::move(s));
  }
  return w;
}

TEST(RedactedWorld, IsJudgedAsItsReportIsRedacted) {
  auto& knowledge = Knowledge::builtin();
  for (auto gpu_name : {"a800", "rtx5090", "v100"})
    for (auto driver : {"470.129.06", "535.129.03", "580.65.06", "none"})
      for (auto torch : {"torch==2.2.0+cu121", "torch==2.9.1+cu130"})
        for (auto devices : {"", "0", "GPU-8932f937-d72c-4106-c12f-20bd9faed9f6", "GPU-8932", "0,0"}) {
          auto world = world_with_names(gpu_name, driver, torch);
          world.machine.env["CUDA_VISIBLE_DEVICES"] = devices;
          world.machine.env["TRITON_PTXAS_PATH"] = "/home/alice/bin/ptxas";
          Redactor redactor;
          auto redacted = redactor.redacted(world);
          auto report = judge(redacted, knowledge);
          auto other = redactor.redacted(judge(world, knowledge));
          ASSERT_EQ(report, other) << text_of(report) << text_of(other);
          for (auto name : {"alice", "bwong", "8932f937"})
            ASSERT_FALSE(text_of(report).contains(name)) << name;
          // What comes back from a file is judged alike, too.
          auto back = world_from_recording(recording_of({.world = redacted, .redacted = true}));
          ASSERT_TRUE(back) << back.error().message;
          ASSERT_EQ(judge(back->world, knowledge), report);
        }
}

TEST(RedactedWorld, EveryCauseIsSeenInItAndFilledInAlike) {
  auto& knowledge = Knowledge::builtin();
  for (auto& c : cause_cases()) {
    SCOPED_TRACE(c["cause"].get<std::string>() + ' ' + c["world"].dump());
    auto world = observed_world(c.value("base", "host"), {c["world"]});
    Redactor redactor;
    auto redacted = redactor.redacted(world);
    auto report = judge(redacted, knowledge);
    auto other = redactor.redacted(judge(world, knowledge));
    EXPECT_EQ(report, other) << text_of(report) << text_of(other);
    auto back = world_from_recording(recording_of({.world = world}));
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(back->world, world);
  }
}

TEST(RedactedWorld, KeepsTheVariablesThatRulesAskFor) {
  World w;
  for (auto name : variables_of(VariableUse::judged)) w.machine.env[std::string(name)] = "1";
  w.machine.env["NVIDIA_REQUIRE_CUDA"] = "cuda>=12.4 brand=tesla,driver>=470,driver<471";
  EXPECT_EQ(redact(w).machine.env, w.machine.env);
}

}  // namespace
}  // namespace cufit::testing
