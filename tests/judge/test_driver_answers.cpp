// What the driver answered beside what the files show: remedies of what only it told, and of which GPUs an
// answer speaks.
#include "judge/causes.h"
#include "judge/observed_world.h"
#include "knowledge/answered_machine.h"

namespace cufit::testing {
namespace {

Report report_on(const Json& patch) { return judge(observed_world("host", {patch}), Knowledge::builtin()); }

const Remedy* remedy(const Finding& finding, const std::string& id) {
  auto at = std::ranges::find(finding.remedies, id, [](auto& r) { return r.text.id; });
  return at == finding.remedies.end() ? nullptr : &*at;
}

/// The files cannot show that what no file showed is gone: a variable that has nothing to do with it would
/// "help".
TEST(DriverAnswers, WhatOnlyACallShowedNoEditIsSeenToMend) {
  Json patch = {{"env", {{"LD_LIBRARY_PATH", "/opt/unrelated"}}}, {"probed", {{"cuda", {{"init", 803}}}}}};
  auto report = report_on(patch);
  ASSERT_EQ(causes_of(report), "forward-compat-mismatch ");
  auto* unset = remedy(report.findings[0], "cure.unset-ld-path");
  ASSERT_TRUE(unset);
  EXPECT_FALSE(unset->checked || unset->after);
  // Where the files show it as well the model tells what helps.
  patch["env"]["LD_LIBRARY_PATH"] = "/opt/compat";
  patch["observed"]["libraries"]["/opt/compat/libcuda.so.1"] = "driver 535.54.03 LD_LIBRARY_PATH";
  report = report_on(patch);
  ASSERT_EQ(report.findings.at(0).cause, "forward-compat-mismatch") << causes_of(report);
  unset = remedy(report.findings[0], "cure.unset-ld-path");
  auto* drop = remedy(report.findings[0], "cure.drop-this-folder");
  EXPECT_TRUE((unset && unset->checked) || (drop && drop->checked));
}

/// The end of a child speaks against the driver only where nothing else can have brought it about.
TEST(DriverAnswers, WhoIsToBlameForAnEnd) {
  struct Row {
    const char *end, *how, *says, *verdict;
  };
  for (auto& [end, how, says, verdict] :
       {Row{"hung", "10 s for one call", "cause.driver-hangs.found", "unfit"},
        Row{"hung", "60 s for one call", "cause.driver-hangs.found", "unfit"},
        Row{"hung", "5 s for one call", "cause.driver-hangs.cut-off", "unknown"},
        Row{"hung", "900 ms for one call", "cause.driver-hangs.cut-off", "unknown"},
        Row{"hung", "30 s in all", "cause.driver-hangs.cut-off", "unknown"},
        Row{"crashed", "SIGSEGV", "cause.driver-crashes.found", "unfit"},
        Row{"crashed", "SIGKILL", "cause.driver-crashes.killed", "unknown"}}) {
    SCOPED_TRACE(how);
    auto report =
        report_on({{"probed", {{"cuda", {{"end", end}, {"in", "cuInit"}, {"how", how}, {"init", end}}}}}});
    EXPECT_EQ(report.findings.at(0).why.text.id, says);
    EXPECT_EQ(name(report.findings[0].why.says), verdict);
    EXPECT_EQ(name(report.judgements.at(0).verdict), verdict);
  }
}

/// Code whose load took the rest of the time is not refused.
TEST(DriverAnswers, AnImageIsToBlameForACrashAndNotForTheTime) {
  auto causes = [](const char* end, const char* how) {
    Json cuda = {{"image", end}, {"end", end}, {"in", "cuModuleLoadData"}, {"how", how}};
    return causes_of(report_on({{"probed", {{"cuda", cuda}}}}));
  };
  EXPECT_EQ(causes("crashed", "SIGSEGV"), "image-refused ");
  EXPECT_EQ(causes("crashed", "SIGKILL"), "");
  EXPECT_EQ(causes("hung", "10 s for one call"), "image-refused ");
  EXPECT_EQ(causes("hung", "30 s in all"), "");
}

Finding of_python(const char* end, const char* how) {
  Json torch = {{"kind", "distribution"}, {"name", "torch"}, {"version", "2.6.0"}};
  Json python = {{"end", end}, {"how", how}, {"imports", end}};
  auto report = report_on({{"subjects", {{"s0", torch}}}, {"probed", {{"python", python}}}});
  return report.findings.empty() ? Finding() : report.findings[0];
}

/// What is slow comes to an end of the time as well.
TEST(DriverAnswers, PythonThatWasSlowOrKilledIsNoFault) {
  EXPECT_EQ(name(of_python("crashed", "SIGSEGV").why.says), "limited");
  EXPECT_EQ(name(of_python("hung", "60 s in all").why.says), "unknown");
  EXPECT_EQ(name(of_python("crashed", "SIGKILL").why.says), "unknown");
}

/// What was not answered has the end for its reason: that is no error of the import.
TEST(DriverAnswers, AnEndDuringTheImportIsNoErrorOfIt) {
  EXPECT_EQ(of_python("crashed", "SIGSEGV").why.text.id, "cause.framework-fails.crashes");
  EXPECT_EQ(of_python("hung", "60 s in all").why.text.id, "cause.framework-fails.hangs");
  for (auto* end : {"garbled", "flooded", "not-started", "not-asked"})
    EXPECT_EQ(of_python(end, "").cause, "") << end;
}

/// That one environment has a library twice says nothing about another.
TEST(DriverAnswers, EachEnvironmentHasItsOwnCopies) {
  Json torch = {{"kind", "distribution"}, {"name", "torch"}, {"version", "2.6.0"}};
  Json python = {{"mapped", {"/a/libcublas.so.12", "/b/libcublas.so.11"}}};
  auto world = observed_world("host", {{{"subjects", {{"s0", torch}}}, {"probed", {{"python", python}}}}});
  world.subjects.push_back(world.subjects[0]);
  world.subjects[1].id = "s1", world.subjects[1].environment = "/other";
  world.probed->python.push_back(world.probed->python[0]);
  world.probed->python[1].environment = "/other";
  auto report = judge(world, Knowledge::builtin());
  ASSERT_EQ(causes_of(report), "duplicate-cuda-library ");
  EXPECT_EQ(report.findings[0].on.size(), 2u);
}

/// Two A100: 0000:3b:00.0 is gpu0, 0000:5e:00.0 gpu1. Both are listed where nothing else is said.
World two(const Json& cuda, const Json& nvml = Json::object()) {
  Json patch = {{"gpus", {"a100-pcie-80gb", "a100-pcie-80gb"}}, {"probed", {{"cuda", cuda}, {"nvml", nvml}}}};
  patch["observed"]["pci"]["0000:5e:00.0"] = Json::object();
  patch["observed"]["nodes"]["/dev/nvidia1"] = "opens";
  for (auto* part : {"cuda", "nvml"})
    if (!patch["probed"][part].contains("gpus"))
      patch["probed"][part]["gpus"] = {Json::object(), Json::object()};
  return observed_world("host", {patch});
}

/// "fits unfit": of gpu0 and gpu1.
std::string verdicts(const World& world) {
  std::string all;
  for (auto& j : judge(world, Knowledge::builtin()).judgements)
    all += (all.empty() ? "" : " ") + std::string(name(j.verdict));
  return all;
}

TEST(DriverAnswers, WhatACallAboutOneGpuComesToIsSaidOfThatOne) {
  auto ends = [](const char* end, const char* how, const char* on) {
    Json cuda = {{"end", end}, {"how", how}, {"in", "cuDevicePrimaryCtxRetain"}, {"on", on}};
    cuda["gpus"] = {Json::object(), {{"context", end}}};
    return two(cuda);
  };
  EXPECT_EQ(verdicts(ends("crashed", "SIGSEGV", "1")), "fits unfit");
  EXPECT_EQ(verdicts(ends("hung", "10 s for one call", "1")), "fits unfit");
  EXPECT_EQ(verdicts(ends("hung", "30 s in all", "1")), "fits unknown");
  EXPECT_EQ(verdicts(ends("crashed", "SIGSEGV", "")), "unfit unfit");
  // CUDA numbers them by its own order: the address tells which it is.
  Json turned = {{"gpus", {{{"is", 1}}, {{"is", 0}, {"context", 46}}}}};
  EXPECT_EQ(verdicts(two(turned)), "unfit fits");
}

/// The second child ended as well: its GPU is told of, and the first is not told of twice.
TEST(DriverAnswers, EachGpuAtWhichAChildEnded) {
  auto both = [](const char* end, const char* how) {
    Json cuda = {{"end", end}, {"how", how}, {"in", "cuDevicePrimaryCtxRetain"}, {"on", "0"}};
    cuda["gpus"] = {{{"context", end}}, {{"context", end}}};
    return two(cuda);
  };
  EXPECT_EQ(verdicts(both("crashed", "SIGSEGV")), "unfit unfit");
  EXPECT_EQ(causes_of(judge(both("crashed", "SIGSEGV"), Knowledge::builtin())), "driver-crashes ");
  EXPECT_EQ(verdicts(both("hung", "10 s for one call")), "unfit unfit");
  EXPECT_EQ(verdicts(both("hung", "2 s for one call")), "unknown unknown");
}

/// Which one it is nobody can tell: of each it may be true.
TEST(DriverAnswers, AGpuThatNobodyCanTellLeavesAllOpen) {
  // The UUID tells as well as the address does.
  Json by_uuid = {
      {"gpus", {{{"is", 1}, {"address", "untried"}, {"context", 46}}, {{"is", 0}, {"address", "untried"}}}}};
  EXPECT_EQ(verdicts(two(by_uuid)), "fits unfit");
  Json neither = {{"address", "untried"}, {"uuid", "untried"}}, full = neither;
  full["context"] = 46;
  Json cuda = {{"gpus", {neither, full}}};
  auto world = two(cuda);
  EXPECT_EQ(verdicts(world), "unknown unknown");
  auto report = judge(world, Knowledge::builtin());
  EXPECT_EQ(causes_of(report), "exclusive-process-mode ");
  Json nvml = {{"gpus", {Json::object(), {{"address", "untried"}, {"recovery", "reset"}}}}};
  report = judge(two(Json::object(), nvml), Knowledge::builtin());
  ASSERT_EQ(causes_of(report), "gpu-needs-recovery ");
  EXPECT_EQ(name(report.findings[0].why.says), "unknown");
}

/// Of two that no file tells: what they are says NVML, and which is which the UUID.
World unseen(const Json& cuda) {
  auto world = observed_world(
      "wsl",
      {{{"probed",
         {{"cuda", cuda},
          {"nvml",
           {{"gpus", {{{"name", "NVIDIA GeForce RTX 4090"}}, {{"name", "Tesla V100-PCIE-16GB"}}}}}}}}}});
  world.machine.gpus = {{"gpu0", {}, {}, {}, {}}};
  take_answers(world.machine, *world.probed, Knowledge::builtin());
  return world;
}

TEST(DriverAnswers, GpusThatNoFileTellsAreThoseThatTheDriverLists) {
  Json first = {{"is", 1}}, second = {{"is", 0}, {"context", 46}};
  auto world = unseen({{"gpus", {first, second}}});
  ASSERT_EQ(world.machine.gpus.size(), 2u);
  EXPECT_EQ(*world.machine.gpus[0].name, "NVIDIA GeForce RTX 4090");
  EXPECT_EQ(*world.machine.gpus[0].board, "rtx-4090");
  EXPECT_EQ(*world.machine.gpus[1].name, "Tesla V100-PCIE-16GB");
  world.machine.gpus[1].sm = Fact<Sm>{Sm{8, 0, {}}, called};
  EXPECT_EQ(verdicts(world), "unfit fits");
  // Without NVML those that CUDA lists.
  world.probed->nvml = {};
  world.machine.gpus = {{"gpu0", {}, {}, {}, {}}};
  take_answers(world.machine, *world.probed, Knowledge::builtin());
  EXPECT_EQ(verdicts(world), "fits unfit");
  // What a file told stays.
  Machine known = two(Json::object()).machine, before = known;
  take_answers(known, *world.probed, Knowledge::builtin());
  EXPECT_EQ(known.gpus, before.gpus);
}

/// 802 says that the driver waits for its fabric: that a node is missing it has not come to.
TEST(DriverAnswers, AnErrorThatNamesItsCauseIsNoProofOfAnother) {
  auto first = [](int code) {
    Json patch = {{"probed", {{"cuda", {{"init", code}}}}}};
    patch["observed"]["nodes"]["/dev/nvidia-uvm"] = "another";
    auto report = report_on(patch);
    return report.findings.empty() ? "" : report.findings[0].cause;
  };
  EXPECT_EQ(first(802), "fabric-manager-down");
  EXPECT_EQ(first(804), "forward-compat-unsupported");
  EXPECT_EQ(first(999), "nvidia-uvm-missing");
}

/// One of two that CUDA counts and does not give; where something else is known of it, that is said alone.
TEST(DriverAnswers, AGpuThatIsCountedAndNotGiven) {
  auto world = two({{"gets", {{"0", 0}, {"1", 101}}}});
  EXPECT_EQ(verdicts(world), "fits unfit");
  EXPECT_EQ(causes_of(judge(world, Knowledge::builtin())), "driver-refuses ");
  world.probed->cuda.gpus[1].proofs.clear();
  world.observed->pci[1].lost = {true, looked_at};
  EXPECT_EQ(causes_of(judge(world, Knowledge::builtin())), "gpu-fallen-off-bus ");
}

/// Names that two have are told apart.
TEST(DriverAnswers, EqualGpusHaveTheirPlaceBesideTheName) {
  auto report = judge(two({{"gpus", {Json::object(), {{"context", 46}}}}}), Knowledge::builtin());
  auto args = report.findings.at(0).why.text.args;
  EXPECT_EQ(*argument(args, "gpu"), "NVIDIA A100 (0000:5e:00.0)");
  report = report_on({{"probed", {{"cuda", {{"context", 46}}}}}});
  EXPECT_EQ(*argument(report.findings.at(0).why.text.args, "gpu"), "NVIDIA A100");
}

/// What one GPU is said to refuse already does not hide the mode of another.
TEST(DriverAnswers, TheModeOfEachGpu) {
  Json cuda = {{"gpus", {Json::object(), {{"context", 46}}}}};
  auto report = judge(two(cuda, {{"compute_mode", "prohibited"}}), Knowledge::builtin());
  ASSERT_EQ(causes_of(report), "exclusive-process-mode ");
  auto& why = report.findings[0].why;
  EXPECT_EQ(why.text.id, "cause.exclusive-process-mode.prohibited");
  ASSERT_EQ(why.parts.size(), 1u);
  EXPECT_EQ(why.parts[0].text.id, "cause.exclusive-process-mode.prohibited");
}

/// The files say that both are lost. What was proved on one disproves nothing of the other.
TEST(DriverAnswers, AGpuIsProvenByItsOwnContext) {
  auto lost = [](const Json& cuda) {
    auto world = two(cuda);
    for (auto& device : world.observed->pci) device.lost = {true, looked_at};
    return verdicts(world);
  };
  Json untried = {{"context", "untried"}, {"ptx", "untried"}, {"sass", "untried"}, {"image", "untried"}};
  EXPECT_EQ(lost({{"gpus", {Json::object(), Json::object()}}}), "fits fits");
  EXPECT_EQ(lost({{"gpus", {untried, untried}}}), "fits fits") << "listed, and no more was asked";
  // Lost is what stands for all of both until one is proven.
  auto one = two({{"gpus", {Json::object(), untried}}});
  one.observed->pci[1].lost = {true, looked_at};
  EXPECT_EQ(verdicts(one), "fits unfit");
}

/// A child that ended before it had asked about all has not said that there are no more.
TEST(DriverAnswers, WhatWasNotAskedAboutIsNotMissing) {
  Json ended = {{"count", 2}, {"gpus", {Json::object()}}, {"end", "garbled"}, {"in", "cuDeviceGet"}};
  EXPECT_EQ(verdicts(two(ended)), "fits fits");
  auto report = judge(two(ended), Knowledge::builtin());
  EXPECT_EQ(causes_of(report), "");
  Json one = {{"gpus", {Json::object()}}};
  EXPECT_EQ(verdicts(two(one)), "fits") << "of the other one no program asks";
  report = judge(two(one), Knowledge::builtin());
  ASSERT_EQ(causes_of(report), "driver-refuses ");
  EXPECT_EQ(report.findings[0].why.text.id, "cause.driver-refuses.not-listed");
}

}  // namespace
}  // namespace cufit::testing
