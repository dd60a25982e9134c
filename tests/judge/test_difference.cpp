#include <fstream>
#include <iterator>
#include <stdexcept>

#include "judge/difference.h"
#include "judge/observed_world.h"
#include "loader/search.h"
#include "model/recording.h"

namespace cufit::testing {
namespace {

using Effect = Difference::Effect;
using Kind = Difference::Kind;
const Source seen = {Source::Kind::path, "/proc/driver/nvidia/version"};
const Source read = {Source::Kind::path, "/sys/module/nvidia/version"};

World world(const std::string& gpu_name, const std::string& driver, std::vector<std::string> builds,
            const std::map<std::string, std::string>& env = {}) {
  World w;
  w.machine = machine(gpu_name, driver, env);
  for (auto& b : builds) {
    w.subjects.push_back(build(b));
    w.subjects.back().id = "s" + std::to_string(w.subjects.size() - 1);
    w.subjects.back().environment = builds.size() > 1 ? "/venv" : "";
  }
  return w;
}

std::vector<Difference> between(const World& a, const World& b) {
  return differences(a, b, Knowledge::builtin());
}

TEST(Difference, EqualWorldsHaveNone) {
  auto w = world("a800", "535.129.03", {"torch==2.2.0+cu121"});
  EXPECT_TRUE(between(w, w).empty());
  // Where a fact was read is no difference, nor how it came here.
  auto other = w;
  other.machine.origin = "recorded";
  other.machine.driver.version.from = seen;
  EXPECT_TRUE(between(w, other).empty());
}

TEST(Difference, TheDriverDecidesAndTheRestDoesNot) {
  auto good = world("a800", "535.129.03", {"torch==2.2.0+cu121"}, {{"OMP_NUM_THREADS", "8"}});
  auto bad = world("a800", "470.129.06", {"torch==2.2.0+cu121"}, {{"LD_LIBRARY_PATH", "/x"}});
  bad.machine.glibc = {version("2.31"), seen};
  auto all = between(good, bad);
  ASSERT_EQ(all.size(), 4u);
  EXPECT_EQ(
      all[0],
      (Difference{
          "machine.driver.kernel", Kind::changed, "535.129.03", "470.129.06", {}, Effect::decides, {}}));
  EXPECT_EQ(all[1], (Difference{"machine.glibc", Kind::added, "", "2.31"}));
  EXPECT_EQ(all[2], (Difference{"env.LD_LIBRARY_PATH", Kind::added, "", "/x"}));
  EXPECT_EQ(all[3], (Difference{"env.OMP_NUM_THREADS", Kind::removed, "8", ""}));
}

TEST(Difference, AVariableAnotherBuildAnotherGpu) {
  auto good = world("a800", "535.129.03", {"torch==2.2.0+cu121"});
  auto bad = good;
  bad.machine.env["CUDA_VISIBLE_DEVICES"] = "";
  auto all = between(good, bad);
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].fact, "env.CUDA_VISIBLE_DEVICES");
  EXPECT_EQ(all[0].effect, Effect::decides);

  all = between(good, world("a800", "535.129.03", {"torch==2.9.1+cu130"}));
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].fact, "subjects.torch.version");
  EXPECT_EQ(all[0].a, "2.2.0+cu121");
  EXPECT_EQ(all[0].b, "2.9.1+cu130");
  EXPECT_EQ(all[0].effect, Effect::decides);

  all = between(good, world("rtx5090", "580.65.06", {"torch==2.2.0+cu121"}));
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].fact, "machine.gpus.gpu0");
  EXPECT_EQ(all[0].a, "a800");
  EXPECT_EQ(all[0].b, "rtx5090");
}

TEST(Difference, OneThatIsEnoughIsNotNamedWithOthers) {
  // The second runs with the first's GPU, whichever of the two drivers it has.
  auto good = world("a800", "580.65.06", {"torch==2.2.0+cu121"});
  auto bad = world("rtx5090", "535.129.03", {"torch==2.2.0+cu121"});
  auto all = between(good, bad);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].fact, "machine.gpus.gpu0");
  EXPECT_EQ(all[0].effect, Effect::decides);
  EXPECT_TRUE(all[0].with.empty());
  EXPECT_NE(all[1].effect, Effect::decides);
}

TEST(Difference, TwoThatDecideTogetherNameEachOther) {
  // The second has too old a driver, and too old a build for its GPU: both must be as they are in the first.
  auto good = world("rtx5090", "580.65.06", {"torch==2.9.1+cu130"}, {{"OMP_NUM_THREADS", "8"}});
  auto bad = world("rtx5090", "470.129.06", {"torch==2.2.0+cu121"});
  for (auto& all : {between(good, bad), between(bad, good)}) {
    ASSERT_EQ(all.size(), 3u);
    EXPECT_EQ(all[0].fact, "machine.driver.kernel");  // the machine before packages
    EXPECT_EQ(all[1].fact, "subjects.torch.version");
    for (auto i : {0, 1}) EXPECT_EQ(all[i].effect, Effect::decides) << all[i].fact;
    EXPECT_EQ(all[0].with, std::vector<std::string>{all[1].fact});
    EXPECT_EQ(all[1].with, std::vector<std::string>{all[0].fact});
    EXPECT_EQ(all[2].effect, Effect::none);
  }
  EXPECT_EQ(between(bad, good)[0].a, "470.129.06");
  EXPECT_EQ(between(good, bad)[0].b, "470.129.06");
}

TEST(Difference, BothOutcomesAreTold) {
  auto good = world("a800", "535.129.03", {"torch==2.2.0+cu121"});
  auto bad = world("a800", "470.129.06", {"torch==2.2.0+cu121"});
  auto& knowledge = Knowledge::builtin();
  auto compared = attribute(good, bad, knowledge).compared;
  EXPECT_TRUE(compared.differ);
  EXPECT_FALSE(compared.tried_on_first);
  EXPECT_TRUE(compared.unattributed.empty());
  EXPECT_EQ(compared.a.verdict, Verdict::fits);
  EXPECT_EQ(compared.a.exit, 0);
  EXPECT_EQ(compared.b.verdict, Verdict::unfit);
  EXPECT_EQ(compared.b.exit, 1);
  EXPECT_EQ(compared.b.fails->code, 35);
  EXPECT_EQ(compared.b.subject, "torch 2.2.0+cu121");
  EXPECT_EQ(compared.b.gpu, "a800");
  EXPECT_TRUE(attribute(bad, good, knowledge).compared.tried_on_first);
  EXPECT_FALSE(attribute(good, good, knowledge).compared.differ);
}

/// One of tests/machines.
World recorded(const std::string& name) {
  std::ifstream in(CUFIT_SOURCE_DIR "/tests/machines/" + name + "/machine.json");
  std::string text{std::istreambuf_iterator<char>(in), {}};
  auto recording = world_from_recording(text);
  if (!recording) throw std::runtime_error("no machine " + name);
  return std::move(recording->world);
}

bool any_decides(const std::vector<Difference>& all) {
  return std::ranges::any_of(all, [](auto& d) { return d.effect == Effect::decides; });
}

TEST(Difference, WhereBothFailNothingDecides) {
  auto old_driver = world("a800", "470.129.06", {"torch==2.2.0+cu121"});
  auto new_gpu = world("rtx5090", "580.65.06", {"torch==2.2.0+cu121"});
  for (auto& [a, b] : {std::pair(old_driver, new_gpu), std::pair(new_gpu, old_driver),
                       std::pair(recorded("no-driver"), recorded("nouveau"))}) {
    auto attribution = attribute(a, b, Knowledge::builtin());
    EXPECT_TRUE(attribution.compared.differ);
    EXPECT_EQ(attribution.compared.a.verdict, Verdict::unfit);
    EXPECT_EQ(attribution.compared.b.verdict, Verdict::unfit);
    EXPECT_TRUE(attribution.compared.unattributed.empty());
    EXPECT_FALSE(any_decides(attribution.differences));
    EXPECT_TRUE(
        std::ranges::any_of(attribution.differences, [](auto& d) { return d.effect == Effect::changes; }));
  }
}

/// Both fail for the same reason; that one has a second fault, which its program never comes to, decides
/// nothing.
TEST(Difference, ASecondFaultOfTwoThatFailAlikeDecidesNothing) {
  Json hidden = {{"env", {{"CUDA_VISIBLE_DEVICES", "99"}}}}, lost;
  for (auto* path : {"/dev/nvidiactl", "/dev/nvidia0", "/dev/nvidia-uvm"})
    lost["observed"]["nodes"][path] = "EPERM";
  auto all = between(observed_world("container", {hidden}), observed_world("container", {hidden, lost}));
  EXPECT_FALSE(all.empty());
  for (auto& d : all) EXPECT_NE(d.effect, Effect::decides) << d.fact;
}

TEST(Difference, WhatIsTriedIsTheBetterOne) {
  auto limited = recorded("orin"), fits = recorded("rtx3090");
  auto compared = attribute(limited, fits, Knowledge::builtin()).compared;
  ASSERT_EQ(compared.a.verdict, Verdict::limited);
  ASSERT_EQ(compared.b.verdict, Verdict::fits);
  EXPECT_TRUE(compared.tried_on_first);
  EXPECT_FALSE(attribute(fits, limited, Knowledge::builtin()).compared.tried_on_first);
}

TEST(Difference, AMachineIsToldAlikeBesideAnyOther) {
  auto& knowledge = Knowledge::builtin();
  auto h200 = recorded("h200");
  auto alone = attribute(h200, h200, knowledge).compared.a;
  auto beside = attribute(h200, recorded("stub-first"), knowledge).compared.a;
  EXPECT_EQ(alone.subject, beside.subject);
  EXPECT_EQ(alone.verdict, beside.verdict);
  EXPECT_EQ(beside.verdict, Verdict::fits);
  EXPECT_EQ(beside.exit, 0);
  EXPECT_EQ(alone.exit, 0);
}

TEST(Difference, OtherSetsThatDoAreNamed) {
  // With the driver of the first the second needs its GPU or its build besides.
  auto good = world("a800", "580.65.06", {"torch==2.9.1+cu130"});
  auto bad = world("rtx5090", "470.129.06", {"torch==2.2.0+cu121"});
  auto attribution = attribute(good, bad, Knowledge::builtin());
  ASSERT_EQ(attribution.differences.size(), 3u);
  EXPECT_EQ(attribution.differences[0].fact, "machine.driver.kernel");
  EXPECT_EQ(attribution.differences[0].with, std::vector<std::string>{"machine.gpus.gpu0"});
  EXPECT_EQ(attribution.compared.other_sets,
            (std::vector<std::vector<std::string>>{{"machine.driver.kernel", "subjects.torch.version"}}));
}

TEST(Difference, WhatDoesTogetherIsNamedBesideOneThatIsEnough) {
  // The second runs with the first's GPU; or with its driver and its build.
  auto good = world("a800", "580.65.06", {"torch==2.9.1+cu130"});
  auto bad = world("rtx5090", "535.129.03", {"torch==2.2.0+cu121"});
  auto attribution = attribute(good, bad, Knowledge::builtin());
  EXPECT_EQ(attribution.differences.front().fact, "machine.gpus.gpu0");
  EXPECT_EQ(attribution.differences.front().effect, Effect::decides);
  EXPECT_TRUE(attribution.differences.front().with.empty());
  EXPECT_EQ(attribution.compared.other_sets,
            (std::vector<std::vector<std::string>>{{"machine.driver.kernel", "subjects.torch.version"}}));
}

TEST(Difference, AGpuThatNobodyKnowsIsSaidToBeUnknown) {
  auto a = world("t4", "580.65.06", {"torch==2.9.1+cu130"}), b = a;
  b.machine.gpus = {{"gpu0", {}, {}, {}, {}}};
  auto all = between(a, b);
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].a, "t4");
  EXPECT_EQ(all[0].b, "not known");
}

TEST(Difference, WhyItDoesNotRunComesBeforeWarningsAndOtherPackages) {
  // The second lacks a device node, sets a variable that changes nothing, and has one package
  // more that does not run either.
  auto good = observed_world("container", {});
  auto bad =
      observed_world("container", {Json::parse(R"({"observed": {"nodes": {"/dev/nvidia-uvm": null}}})")});
  bad.machine.env["OMP_NUM_THREADS"] = "1";
  bad.subjects.push_back(subject("file", Json::parse(R"([{"path": "x/lib.so", "modules": ["s50"]}])")));
  bad.subjects.back().id = "s9", bad.subjects.back().path = "/x/lib.so";
  auto attribution = attribute(good, bad, Knowledge::builtin());
  auto& first = attribution.differences.front();
  EXPECT_EQ(first.fact, "observed.nodes./dev/nvidia-uvm");
  EXPECT_EQ(first.effect, Effect::decides);
  EXPECT_TRUE(first.with.empty());
  EXPECT_NE(attribution.differences[1].effect, Effect::decides) << attribution.differences[1].fact;
}

TEST(Difference, EqualVerdictsAreDecidedByNothing) {
  auto all = between(world("a800", "535.129.03", {"torch==2.2.0+cu121"}),
                     world("a800", "535.183.01", {"torch==2.2.0+cu121"}));
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].effect, Effect::none);
}

TEST(Difference, WhatSaysTheSameOfAMachineIsOne) {
  auto a = world("a800", "535.129.03", {"torch==2.2.0+cu121"}, {{"LD_LIBRARY_PATH", "/a"}});
  auto b = world("a800", "470.129.06", {"torch==2.2.0+cu121"}, {{"LD_LIBRARY_PATH", "/b"}});
  for (auto* w : {&a, &b}) {
    auto& o = w->observed.emplace();
    o.kernel.loaded = o.kernel.on_disk = {*w->machine.driver.version, read};
    o.variables = {{"LD_LIBRARY_PATH", w->machine.env["LD_LIBRARY_PATH"], "/etc/environment", 1}};
    o.pci.resize(1);
    o.pci[0].address = "0000:3b:00.0";
    o.pci[0].driver = {w == &a ? "nvidia" : "nouveau", read};
  }
  auto all = between(a, b);
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].fact, "machine.driver.kernel");
  EXPECT_EQ(all[0].also, (std::vector<std::string>{"observed.kernel.loaded", "observed.kernel.on_disk"}));
  EXPECT_EQ(all[0].effect, Effect::decides);
  EXPECT_EQ(all[1].fact, "observed.pci.0000:3b:00.0.driver");
  EXPECT_EQ(all[1].b, "nouveau");
  EXPECT_EQ(all[2].fact, "env.LD_LIBRARY_PATH");
  EXPECT_EQ(all[2].also, std::vector<std::string>{"observed.variables.LD_LIBRARY_PATH.value"});
}

TEST(Difference, ElementsThatOnlyOneHasAreOneDifference) {
  auto a = world("a800", "535.129.03", {});
  auto b = a;
  a.observed.emplace(), b.observed.emplace();
  b.observed->nodes.resize(1);
  b.observed->nodes[0].path = "/dev/nvidia0";
  b.observed->nodes[0].mode = 0666;
  b.observed->os.id = {"debian", seen};
  b.machine.gpus.push_back(gpu("t4", "gpu1"));
  auto all = between(a, b);
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0], (Difference{"machine.gpus.gpu1", Kind::added, "", "t4"}));
  EXPECT_EQ(all[1], (Difference{"observed.nodes./dev/nvidia0", Kind::added, "", "0666"}));
  EXPECT_EQ(all[2], (Difference{"observed.os.id", Kind::added, "", "debian"}));
  auto back = between(b, a);
  ASSERT_EQ(back.size(), 3u);
  EXPECT_EQ(back[2].kind, Kind::removed);

  b.observed.reset();
  ASSERT_FALSE(between(a, b).empty());
  EXPECT_EQ(between(a, b).back().fact, "observed");
}

TEST(Difference, AWholeEnvironmentIsOne) {
  auto a = world("a800", "535.129.03", {"torch==2.2.0+cu121", "jax-cuda12-plugin==0.4.30"});
  auto b = a;
  b.subjects.clear();
  auto all = between(a, b);
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].fact, "environments./venv");
  EXPECT_EQ(all[0].kind, Kind::removed);
  EXPECT_TRUE(all[0].a.starts_with("torch 2.2.0+cu121, ")) << all[0].a;

  // The same environment in another place: what differs is what is installed there.
  b = world("a800", "535.129.03", {"torch==2.9.1+cu130", "jax-cuda12-plugin==0.4.30"});
  for (auto& s : b.subjects) s.environment = "/opt/other";
  all = between(a, b);
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].fact, "subjects.torch.version");
  EXPECT_EQ(all[0].effect, Effect::decides);

  b.subjects.push_back(build("torchvision==0.17.0"));
  b.subjects.back().id = "s2", b.subjects.back().environment = "/opt/other";
  all = between(a, b);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[1].fact, "subjects.torchvision");
  EXPECT_EQ(all[1].b, "torchvision 0.17.0");
}

TEST(Difference, FilesOfOneFolderAreOne) {
  World a = world("a800", "535.129.03", {}), b = a;
  auto put = [](World& w, const std::string& path, const std::string& real) {
    w.files.files[path] = {.kind = IndexedFile::Kind::file, .real = real};
  };
  put(a, "/usr/lib/libcuda.so.1", "/usr/lib/libcuda.so.535");
  put(b, "/usr/lib/libcuda.so.1", "/usr/lib/libcuda.so.550");
  for (int i = 0; i < 100; i++) put(b, "/venv/lib/lib" + std::to_string(i) + ".so", "/venv/lib/x.so");
  a.files.listed = b.files.listed = {"/venv/lib"};
  b.files.cache = {std::vector<CachedLibrary>(3), read};
  auto all = between(a, b);
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0], (Difference{"files./etc/ld.so.cache", Kind::added, "", "3 entries"}));
  EXPECT_EQ(all[1], (Difference{"files./usr/lib/libcuda.so.1", Kind::changed, "/usr/lib/libcuda.so.535",
                                "/usr/lib/libcuda.so.550"}));
  EXPECT_EQ(all[2], (Difference{"files./venv/lib", Kind::added, "0 files", "100 files"}));
}

TEST(Difference, AFileOfASubjectIsNamed) {
  auto a = world("a800", "535.129.03", {});
  a.subjects = {subject("file", Json::parse(R"([{"path": "x/lib.so", "modules": ["s80"]}])"))};
  auto b = a;
  a.subjects[0].path = "/a/lib.so", b.subjects[0].path = "/b/lib.so";
  EXPECT_TRUE(between(a, b).empty());  // one file in two places
  b.subjects[0].members[0].bin.shapes[0].images = {image("s90")};
  auto all = between(a, b);
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].fact, "subjects.lib.so.members.x/lib.so");
  EXPECT_EQ(all[0].a, "sass 8.0");
  EXPECT_EQ(all[0].b, "sass 9.0");
  EXPECT_EQ(all[0].effect, Effect::decides);
}

TEST(Difference, WhatMakesACauseOfATwinDecides) {
  for (auto& c : cause_cases()) {
    // What a driver answered follows from a machine, and is no part of it that another one could take over.
    if (c["world"].contains("probed")) continue;
    auto base = c.value("base", "host");
    auto bad = observed_world(base, {c["world"]}), good = observed_world(base, {c["world"], c["twin"]});
    for (auto& [compared, all] :
         {attribute(bad, good, Knowledge::builtin()), attribute(good, bad, Knowledge::builtin())}) {
      ASSERT_FALSE(all.empty()) << c.dump();
      // A twin may have another fault instead: then neither is what the other should become.
      bool both_fail = compared.a.verdict == Verdict::unfit && compared.b.verdict == Verdict::unfit;
      EXPECT_EQ(all[0].effect, both_fail ? Effect::changes : Effect::decides) << c.dump() << '\n'
                                                                              << all[0].fact;
      EXPECT_TRUE(all[0].a != all[0].b) << all[0].fact << ' ' << all[0].a;
    }
  }
}

/// A library of an environment, and one of the same name elsewhere that LD_LIBRARY_PATH leads to.
World shadowed_world(const std::string& library_path) {
  auto w = observed_world("host", {});
  auto put = [&](const std::string& path, std::vector<std::string> needed, const std::string& soname) {
    auto& f = w.files.files[path] = {.kind = IndexedFile::Kind::file, .real = path, .object = LoadedObject()};
    f.object->arch = "x86_64";
    f.object->dyn = {soname, {}, "$ORIGIN/nvidia", std::move(needed)};
  };
  put("/venv/lib/libtorch.so", {"libcufft.so.11"}, "libtorch.so");
  put("/venv/lib/nvidia/libcufft.so.11", {}, "libcufft.so.11");
  put("/opt/hpc/lib/libcufft.so.11", {}, "libcufft.so.11");
  w.files.listed = {"/opt/hpc/lib", "/venv/lib", "/venv/lib/nvidia"};
  if (!library_path.empty()) w.machine.env["LD_LIBRARY_PATH"] = library_path;
  LoaderSettings settings;
  settings.env = w.machine.env;
  settings.arch = "x86_64";
  Loads process{"s0", "/venv/lib/libtorch.so", {}, {}};
  process.loads = loads_of(process.start, {}, w.files, settings);
  for (auto& l : process.loads)
    l.version = l.real.starts_with("/opt") ? "11.0.2.54" : l.real.contains("cufft") ? "11.2.1.3" : "";
  w.loads = {process};
  return w;
}

TEST(Difference, AVariableOfTheLoaderIsTriedByAskingItAgain) {
  auto good = shadowed_world(""), bad = shadowed_world("/opt/hpc/lib");
  auto all = between(good, bad);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].fact, "env.LD_LIBRARY_PATH");
  EXPECT_EQ(all[0].effect, Effect::decides);
  EXPECT_EQ(all[1].fact, "loads.target.libcufft.so.11");
  EXPECT_EQ(all[1].a, "/venv/lib/nvidia/libcufft.so.11 (11.2.1.3)");
  EXPECT_EQ(all[1].b, "/opt/hpc/lib/libcufft.so.11 (11.0.2.54)");

  // Only the other machine has the folder: what is in it, that one knows.
  good.files.files.erase("/opt/hpc/lib/libcufft.so.11");
  std::erase(good.files.listed, "/opt/hpc/lib");
  all = between(good, bad);
  EXPECT_EQ(all[0].fact, "env.LD_LIBRARY_PATH");
  EXPECT_EQ(all[0].effect, Effect::decides);
}

TEST(Difference, ManyAreBoundedAndTheOneIsFound) {
  auto a = world("a800", "535.129.03", {"torch==2.2.0+cu121"});
  auto b = world("a800", "470.129.06", {"torch==2.2.0+cu121"});
  a.observed.emplace(), b.observed.emplace();
  for (int i = 0; i < 1000; i++) {
    b.observed->toolkits.emplace_back().path = "/usr/local/cuda-" + std::to_string(i);
    b.machine.env["TORCH_" + std::to_string(i)] = "1";
  }
  auto all = between(a, b);
  ASSERT_EQ(all.size(), 2001u);
  EXPECT_EQ(all[0].fact, "machine.driver.kernel");
  EXPECT_EQ(all[0].effect, Effect::decides);
  EXPECT_EQ(all.back().effect, Effect::not_tried);
}

}  // namespace
}  // namespace cufit::testing
