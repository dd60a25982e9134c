// tests/judge/causes/*.json: for each cause that can be seen passively a machine that has it, a near twin
// that differs in one fact and has it not, and one where the fact is missing. What is expected comes from the
// source that `origin` names.
#include <algorithm>
#include <regex>

#include "judge/observed_world.h"
#include "render/phrase.h"

namespace cufit::testing {
namespace {

Report judged(const Json& c, const char* variant) {
  auto base = c.value("base", "host");
  auto world = variant ? observed_world(base, {c["world"], c[variant]}) : observed_world(base, {c["world"]});
  return judge(world, Knowledge::builtin());
}

const Finding* finding_of(const Report& report, const std::string& cause) {
  auto names = [&](const Finding& f) {
    return f.cause == cause || std::ranges::find(f.folds, cause) != f.folds.end();
  };
  auto at = std::ranges::find_if(report.findings, names);
  return at == report.findings.end() ? nullptr : &*at;
}

TEST(Causes, TheRightOneFirstAndNoneInTheTwin) {
  for (auto& c : cause_cases()) {
    std::string cause = c["cause"];
    SCOPED_TRACE(cause + ' ' + c["world"].dump());
    EXPECT_FALSE(c["origin"].get<std::string>().empty());
    auto has = judged(c, nullptr);
    auto* first = has.findings.empty() ? nullptr : &has.findings[0];
    EXPECT_TRUE(first && first->cause == cause) << causes_of(has);
    // Of a file that may not be read nobody can say more.
    bool open = c.contains("expect") && c["expect"].value("verdict", "") == "unknown";
    EXPECT_TRUE(first && (open || first->why.says != Verdict::unknown));
    auto twin = judged(c, "twin");
    EXPECT_FALSE(finding_of(twin, cause)) << "in the twin: " << causes_of(twin);
  }
}

TEST(Causes, WithoutTheFactNothingIsClaimed) {
  for (auto& c : cause_cases()) {
    std::string cause = c["cause"];
    SCOPED_TRACE(cause);
    if (c.contains("n/a")) continue;
    auto report = judged(c, "missing");
    auto* f = finding_of(report, cause);
    EXPECT_TRUE(!f || f->why.says == Verdict::unknown) << causes_of(report);
  }
}

TEST(Causes, WhatTheyMeanForVerdicts) {
  for (auto& c : cause_cases()) {
    SCOPED_TRACE(c["cause"].get<std::string>());
    auto expect = c.value("expect", Json::object());
    auto report = judged(c, nullptr);
    if (expect.contains("code")) {
      EXPECT_FALSE(report.judgements.empty());
      for (auto& j : report.judgements) {
        EXPECT_EQ(j.verdict, Verdict::unfit);
        ASSERT_TRUE(j.fails);
        EXPECT_EQ(j.fails->code, expect["code"].get<int>());
      }
    }
    if (expect.contains("twin")) {
      EXPECT_EQ(name(judged(c, "twin").judgements.at(0).verdict), expect["twin"].get<std::string>());
    }
    if (expect.contains("missing")) {
      EXPECT_EQ(name(judged(c, "missing").judgements.at(0).verdict), expect["missing"].get<std::string>());
    }
    if (expect.contains("verdict")) {
      EXPECT_EQ(name(report.judgements.at(0).verdict), expect["verdict"].get<std::string>());
    }
    if (expect.contains("severity")) {
      EXPECT_EQ(report.findings.at(0).severity, expect["severity"].get<std::string>());
    }
    if (expect.contains("folds")) {
      EXPECT_EQ(report.findings.at(0).folds, expect["folds"].get<std::vector<std::string>>());
    }
    if (expect.contains("says")) {
      auto words = render::phrase(report.findings.at(0).why.text, render::Lang::en);
      EXPECT_NE(words.find(expect["says"].get<std::string>()), words.npos) << words;
    }
    // The first remedy that was tried on the model, with the verdict after it and what to type.
    if (expect.contains("after")) {
      auto& remedies = report.findings.at(0).remedies;
      auto tried = std::ranges::find_if(remedies, &Remedy::checked);
      ASSERT_TRUE(tried != remedies.end());
      ASSERT_TRUE(tried->after);
      EXPECT_EQ(name(*tried->after), expect["after"].get<std::string>());
      if (expect.contains("command")) {
        EXPECT_EQ(tried->commands.at(0), expect["command"].get<std::string>());
      }
    }
  }
}

/// A slip in a key would be an expectation that nobody checks.
TEST(Causes, NothingIsExpectedThatIsNotRead) {
  const std::set<std::string> of_case = {"cause", "origin",  "base", "world",
                                         "twin",  "missing", "n/a",  "expect"};
  const std::set<std::string> of_expect = {"code", "twin",  "missing", "verdict", "folds",
                                           "says", "after", "command", "severity"};
  for (auto& c : cause_cases()) {
    for (auto& [key, value] : c.items()) EXPECT_TRUE(of_case.contains(key)) << key << " in " << c.dump();
    auto expect = c.value("expect", Json::object());
    for (auto& [key, value] : expect.items())
      EXPECT_TRUE(of_expect.contains(key)) << key << " in " << c.dump();
    EXPECT_TRUE(!expect.contains("command") || expect.contains("after")) << c.dump();
  }
}

TEST(Causes, EveryOneThatCanBeSeenHasCases) {
  std::set<std::string> have;
  for (auto& c : cause_cases()) {
    have.insert(c["cause"]);
    EXPECT_TRUE(c.contains("world") && c.contains("twin")) << c.dump();
    EXPECT_TRUE(c.contains("missing") != c.contains("n/a")) << c.dump();
  }
  for (auto& row : Knowledge::builtin().tables().causes)
    EXPECT_EQ(have.contains(std::string(row.id)), row.seen_passively || row.seen_by_asking) << row.id;
}

TEST(Causes, AHealthyMachineHasNone) {
  for (auto* base : {"host", "container"}) {
    auto report = judge(observed_world(base, {}), Knowledge::builtin());
    EXPECT_TRUE(report.findings.empty()) << base << ' ' << causes_of(report);
    EXPECT_EQ(report.judgements.at(0).verdict, Verdict::fits) << base;
  }
  Json wsl = {{"driver", "551.61"}}, jetson = {{"gpus", {"orin"}}, {"machine", {{"arch", "aarch64"}}}};
  EXPECT_EQ(causes_of(judge(observed_world("wsl", {wsl}), Knowledge::builtin())), "");
  jetson["subjects"]["s0"]["files"] = {
      {{"modules", {"s87"}}, {"toolkits", {"12.2"}}, {"needed", {"libcudart.so.12"}}}};
  EXPECT_EQ(causes_of(judge(observed_world("jetson", {jetson}), Knowledge::builtin())), "");
}

/// Where a context could be made nothing that files show stops programs.
TEST(Causes, WhatTheDriverDisprovesIsNone) {
  const std::set<std::string> groups = {"kernel-driver", "visibility", "containers"};
  for (auto& c : cause_cases()) {
    auto world = c["world"];
    if (world.contains("probed")) continue;
    world["probed"] = Json::object();
    SCOPED_TRACE(c["cause"].get<std::string>() + ' ' + world.dump());
    auto report = judge(observed_world(c.value("base", "host"), {world}), Knowledge::builtin());
    for (auto& f : report.findings) {
      auto* row = Knowledge::builtin().cause(f.cause);
      bool of_machine = row && f.is_of_machine() && groups.contains(std::string(row->group));
      EXPECT_FALSE(of_machine && f.why.says == Verdict::unfit) << f.cause;
    }
  }
}

/// Without a list of PCI devices nobody knows that there is a GPU which the container was not given.
TEST(Causes, AContainerLacksOnlyAGpuThatIsThere) {
  Json bare = {
      {"observed", {{"pci", {{"0000:3b:00.0", nullptr}}}, {"loaded", "absent"}, {"modules", Json::array()}}},
      {"subjects", {{"s0", nullptr}}}};
  const auto given = healthy("container", "550.54.14");
  for (auto* list : {"nodes", "libraries"})
    for (auto& [path, state] : given["observed"][list].items()) bare["observed"][list][path] = nullptr;
  for (auto* seen : {"true", "absent", "unknown"}) {
    bare["observed"]["pci_seen"] = seen == std::string("true") ? Json(true) : Json(seen);
    EXPECT_EQ(causes_of(judge(observed_world("container", {bare}), Knowledge::builtin())), "") << seen;
  }
  bare["observed"]["pci"]["0000:3b:00.0"] = Json::object();
  EXPECT_EQ(causes_of(judge(observed_world("container", {bare}), Knowledge::builtin())),
            "container-without-gpu ");
}

/// Where no node was given the list of capabilities is not what is wrong; where one was, and no library, it
/// is.
TEST(Causes, AContainerWithoutNodesIsToldToAskForGpus) {
  auto cures = [](Json observed) {
    observed["loaded"] = "absent";  // nothing that can be tried on the model
    const auto given = healthy("container", "550.54.14");
    for (auto& [path, words] : given["observed"]["libraries"].items()) observed["libraries"][path] = nullptr;
    Json patch = {{"observed", observed}, {"env", {{"NVIDIA_DRIVER_CAPABILITIES", "utility"}}}};
    std::vector<std::string> ids;
    auto report = judge(observed_world("container", {patch}), Knowledge::builtin());
    for (auto& r : report.findings.at(0).remedies) ids.push_back(r.text.id);
    return ids;
  };
  Json none = {
      {"nodes", {{"/dev/nvidiactl", nullptr}, {"/dev/nvidia0", nullptr}, {"/dev/nvidia-uvm", nullptr}}}};
  EXPECT_EQ(cures(none), std::vector<std::string>{"cure.run-with-gpus"});
  EXPECT_EQ(cures(Json::object()),
            (std::vector<std::string>{"cure.capabilities-compute", "cure.run-with-gpus"}));
}

/// What is said to be missing is what is missing.
TEST(Causes, AContainerNamesTheNodesThatItLacks) {
  auto said = [](std::vector<const char*> gone) {
    Json patch;
    for (auto* path : gone) patch["observed"]["nodes"][path] = nullptr;
    return judge(observed_world("container", {patch}), Knowledge::builtin()).findings.at(0).why.text.id;
  };
  EXPECT_EQ(said({"/dev/nvidiactl"}), "cause.container-without-gpu.no-control");
  EXPECT_EQ(said({"/dev/nvidia0"}), "cause.container-without-gpu.no-gpu-node");
  EXPECT_EQ(said({"/dev/nvidiactl", "/dev/nvidia0"}), "cause.container-without-gpu.found");
}

/// To take the other file away helps only where a driver's comes after it. Without one it is one fault, and a
/// driver is what helps.
TEST(Causes, AnotherFileInPlaceOfLibcudaWithoutADriver) {
  auto report_on = [](const char* kind, bool gpu) {
    Json patch = {{"driver", "none"}, {"observed", {{"loaded", "absent"}, {"on_disk", "absent"}}}};
    patch["observed"]["modules"] = Json::array();
    for (auto* name : {"libcuda.so.1", "libnvidia-ml.so.1", "libnvidia-ptxjitcompiler.so.1"})
      patch["observed"]["libraries"]["/usr/lib/x86_64-linux-gnu/" + std::string(name)] = nullptr;
    patch["observed"]["libraries"]["/opt/x/libcuda.so.1"] = std::string(kind) + " - LD_LIBRARY_PATH";
    patch["env"]["LD_LIBRARY_PATH"] = "/opt/x";
    if (!gpu) {
      patch["observed"]["pci"]["0000:3b:00.0"] = nullptr;
      for (auto* node : {"/dev/nvidiactl", "/dev/nvidia0", "/dev/nvidia-uvm"})
        patch["observed"]["nodes"][node] = nullptr;
    }
    return judge(observed_world("host", {patch}), Knowledge::builtin());
  };
  for (auto [kind, id, code] :
       {std::tuple("stub", "stub-libcuda-loaded", 34), std::tuple("foreign", "foreign-libcuda-loaded", 35)})
    for (bool gpu : {true, false}) {
      SCOPED_TRACE(kind + std::string(gpu ? " with a GPU" : " without"));
      auto report = report_on(kind, gpu);
      auto* other = finding_of(report, id);
      ASSERT_TRUE(other && !finding_of(report, "libcuda-not-found")) << causes_of(report);
      EXPECT_TRUE(other->why.text.id.ends_with(gpu ? ".alone" : ".no-gpu")) << other->why.text.id;
      EXPECT_TRUE(other->rejected.empty());
      std::vector<std::string> cures;
      for (auto& r : other->remedies) cures.push_back(r.text.id);
      EXPECT_EQ(cures, gpu ? std::vector<std::string>{"cure.install-driver"} : std::vector<std::string>());
      ASSERT_TRUE(report.judgements.at(0).fails);
      EXPECT_EQ(report.judgements[0].fails->code, code);
    }
}

/// A driver that nobody has is no part of the proof.
TEST(Causes, WithoutADriverNothingIsSaidOfOne) {
  Json patch = {{"driver", "none"}, {"observed", {{"loaded", "absent"}}}};
  patch["observed"]["modules"] = Json::array();
  for (auto* name : {"libcuda.so.1", "libnvidia-ml.so.1", "libnvidia-ptxjitcompiler.so.1"})
    patch["observed"]["libraries"][std::string("/usr/lib/x86_64-linux-gnu/") + name] = nullptr;
  auto report = judge(observed_world("host", {patch}), Knowledge::builtin());
  auto& j = report.judgements.at(0);
  EXPECT_EQ(j.verdict, Verdict::unfit);
  for (auto& part : j.why.parts) EXPECT_FALSE(part.rule.starts_with("DRV-")) << part.text.id;
}

/// A folder that holds a root file system shows neither nodes nor modules: nothing is said about them.
TEST(Causes, OfAFolderOnlyItsFilesAreJudged) {
  Json patch = {{"observed", {{"root", "/mnt/image"}, {"loaded", "unknown"}}}};
  for (auto* path : {"/dev/nvidiactl", "/dev/nvidia0", "/dev/nvidia-uvm"})
    patch["observed"]["nodes"][path] = nullptr;
  patch["observed"]["pci"]["0000:3b:00.0"] = nullptr;
  patch["observed"]["modules"] = Json::array();
  EXPECT_EQ(causes_of(judge(observed_world("host", {patch}), Knowledge::builtin())), "");
  for (auto* name : {"libcuda.so.1", "libnvidia-ml.so.1", "libnvidia-ptxjitcompiler.so.1"})
    patch["observed"]["libraries"][std::string("/usr/lib/x86_64-linux-gnu/") + name] = nullptr;
  EXPECT_EQ(causes_of(judge(observed_world("host", {patch}), Knowledge::builtin())), "");
}

/// A container on WSL 2 gets the libcuda of Windows, under other paths than /usr/lib/wsl.
TEST(Causes, TheLibcudaOfWindowsInAContainer) {
  auto causes = [](const char* container, const std::string& path, const std::string& real) {
    auto world = observed_world("wsl", {{{"observed", {{"container", container}}}}});
    world.observed->libraries = {driver_library(path, "driver - cache")};
    world.observed->libraries[0].name = "libcuda.so.1";
    world.observed->libraries[0].real = real;
    return causes_of(judge(world, Knowledge::builtin()));
  };
  const std::string folder = "/usr/lib/x86_64-linux-gnu/", soname = folder + "libcuda.so.1";
  EXPECT_EQ(causes("docker", soname, folder + "libcuda.so.1.1"), "");
  EXPECT_EQ(causes("apptainer", "/.singularity.d/libs/libcuda.so.1", "/.singularity.d/libs/libcuda.so.1"),
            "");
  EXPECT_EQ(causes("docker", soname, folder + "libcuda.so.535.129.03"), "wsl-driver-in-guest ");
  EXPECT_EQ(causes("absent", soname, folder + "libcuda.so.535.129.03"), "wsl-driver-in-guest ");
}

/// A restart loads what lies on disk, and of a container nothing at all.
TEST(Causes, WhatHelpsAgainstLibrariesOfAnotherRelease) {
  auto cures = [](const char* base, const char* on_disk) {
    Json patch;
    patch["observed"]["on_disk"] = on_disk;
    for (auto* name : {"libcuda.so.1", "libnvidia-ml.so.1", "libnvidia-ptxjitcompiler.so.1"})
      patch["observed"]["libraries"][std::string("/usr/lib/x86_64-linux-gnu/") + name] =
          "driver 580.95.05 cache";
    auto report = judge(observed_world(base, {patch}), Knowledge::builtin());
    EXPECT_EQ(causes_of(report), "nvml-driver-library-mismatch ");
    std::string all;
    for (auto& r : report.findings.at(0).remedies) all += r.text.id + (r.checked ? " checked; " : "; ");
    return all;
  };
  EXPECT_EQ(cures("host", "580.95.05"), "cure.restart-after-update checked; cure.reload-modules checked; ");
  EXPECT_EQ(cures("host", "550.54.14"), "cure.one-release; ");
  EXPECT_EQ(cures("container", "absent"), "cure.libraries-of-host; ");
}

/// What the driver dropped has no second, vaguer cause, and no driver for it helps against nouveau.
TEST(Causes, ADroppedGpuHasOneCause) {
  Json patch = {{"gpus", {"gtx-1080-ti", "a100-pcie-80gb"}}, {"driver", "590.48.01"}};
  patch["observed"]["pci"]["0000:5e:00.0"] = Json::object();
  patch["observed"]["nodes"]["/dev/nvidia1"] = "opens";
  for (auto* driver : {"absent", "nouveau"}) {
    patch["observed"]["pci"]["0000:3b:00.0"]["driver"] = driver;
    auto report = judge(observed_world("host", {patch}), Knowledge::builtin());
    EXPECT_EQ(causes_of(report), "legacy-gpu-dropped-by-driver extension-lacks-arch ");
    ASSERT_FALSE(report.findings.at(0).remedies.empty());
    EXPECT_EQ(report.findings[0].remedies[0].text.id, "remedy.driver-back-not-enough");
    auto alone = patch;
    alone["subjects"] = {{"s0", nullptr}};
    EXPECT_EQ(causes_of(judge(observed_world("host", {alone}), Knowledge::builtin())),
              "legacy-gpu-dropped-by-driver ");
  }
  // Nor where the variable leaves it out.
  auto hidden = patch;
  hidden["observed"]["pci"]["0000:3b:00.0"]["driver"] = "absent";
  hidden["env"] = {{"CUDA_DEVICE_ORDER", "PCI_BUS_ID"}, {"CUDA_VISIBLE_DEVICES", "0"}};
  EXPECT_EQ(causes_of(judge(observed_world("host", {hidden}), Knowledge::builtin())), "");
  // Of another GPU it explains nothing.
  patch["observed"]["pci"]["0000:5e:00.0"]["driver"] = "nouveau";
  patch["observed"]["pci"]["0000:3b:00.0"]["driver"] = "absent";
  auto all = causes_of(judge(observed_world("host", {patch}), Knowledge::builtin()));
  EXPECT_TRUE(all.contains("nouveau-conflict")) << all;
}

/// libcuda loads the module by its helper.
TEST(Causes, AModuleThatLibcudaWouldLoad) {
  Json patch = {{"driver", "none"}, {"observed", {{"loaded", "absent"}, {"modules", Json::array()}}}};
  patch["observed"]["pci"]["0000:3b:00.0"]["driver"] = "absent";
  for (auto* path : {"/dev/nvidiactl", "/dev/nvidia0", "/dev/nvidia-uvm"})
    patch["observed"]["nodes"][path] = nullptr;
  auto verdict = [&](bool modprobe, const char* blacklisted) {
    patch["observed"]["modprobe"] = modprobe, patch["observed"]["blacklisted"] = blacklisted;
    return name(judge(observed_world("host", {patch}), Knowledge::builtin()).judgements.at(0).verdict);
  };
  EXPECT_EQ(verdict(true, "absent"), "unknown");
  EXPECT_EQ(verdict(true, "/etc/modprobe.d/x.conf"), "unknown");
  EXPECT_EQ(verdict(false, "absent"), "unfit");
}

/// Without NVLink no fabric is waited for, or so the option reads: no verdict.
TEST(Causes, AFabricThatIsTurnedOff) {
  Json patch = {{"gpus", {"a100-sxm4-80gb"}}, {"observed", {{"fabric_manager", false}}}};
  patch["observed"]["pci"]["0000:5d:00.0"] = {{"switch", true}};
  auto verdict = [&](Json off) {
    patch["observed"]["nvlink_off"] = off;
    return name(judge(observed_world("host", {patch}), Knowledge::builtin()).judgements.at(0).verdict);
  };
  EXPECT_EQ(verdict(false), "unfit");
  EXPECT_EQ(verdict("unknown"), "unfit");
  EXPECT_EQ(verdict(true), "unknown");
}

/// A container on a Jetson that was not given the file with its release.
TEST(Causes, AJetsonWithoutItsRelease) {
  Json patch = {{"observed", {{"jetson", "absent"}, {"container", "docker"}, {"soc", "tegra234"}}}};
  EXPECT_EQ(causes_of(judge(observed_world("jetson", {patch}), Knowledge::builtin())), "");
  patch["observed"]["soc"] = "absent";
  EXPECT_EQ(causes_of(judge(observed_world("jetson", {patch}), Knowledge::builtin())),
            "container-without-gpu ");
}

/// Where nothing is judged the machine says of itself that its driver does not know the GPU.
TEST(Causes, AGpuThatTheDriverDoesNotKnow) {
  auto causes = [&](const char* gpu, const char* driver, const char* flavour) {
    Json patch = {{"gpus", {gpu}}, {"driver", driver}, {"subjects", {{"s0", nullptr}}}};
    patch["observed"]["loaded"] = driver;
    patch["observed"]["flavour"] = flavour;
    return causes_of(judge(observed_world("host", {patch}), Knowledge::builtin()));
  };
  EXPECT_EQ(causes("rtx-5090", "550.54.14", "proprietary"), "driver-older-than-gpu ");
  EXPECT_EQ(causes("rtx-5090", "580.65.06", "open"), "");
  EXPECT_EQ(causes("gtx-1080-ti", "590.44.01", "proprietary"), "legacy-gpu-dropped-by-driver ");
}

/// Only a part of the GPUs is lost, and nobody can tell which: the verdicts are open, the finding stands.
TEST(Causes, OfOneGpuOfSeveral) {
  Json patch = {{"gpus", {"a100-pcie-80gb", "a100-pcie-80gb"}}};
  patch["observed"]["pci"]["0000:5e:00.0"] = {{"lost", true}};
  auto both = judge(observed_world("host", {patch}), Knowledge::builtin());
  EXPECT_EQ(name(both.judgements.at(0).verdict), "fits");
  EXPECT_EQ(name(both.judgements.at(1).verdict), "unfit");
  patch["gpus"] = {"a100-pcie-80gb"};
  auto one = judge(observed_world("host", {patch}), Knowledge::builtin());
  EXPECT_EQ(name(one.judgements.at(0).verdict), "unknown");
  EXPECT_EQ(causes_of(one), "gpu-fallen-off-bus ");
}

std::set<std::string> ids_in_texts() {
  std::ifstream in(CUFIT_SOURCE_DIR "/data/texts/causes.toml");
  std::set<std::string> ids;
  for (std::string line; std::getline(in, line);)
    if (line.starts_with("[\"")) ids.insert(line.substr(2, line.size() - 4));
  return ids;
}

TEST(Causes, EveryRowHasWordsAndNoWordsAreLeft) {
  auto left = ids_in_texts();
  auto use = [&](const std::string& id) {
    EXPECT_TRUE(render::has_words(id)) << id;
    left.erase(id);
    for (auto lang : {render::Lang::en, render::Lang::zh})
      EXPECT_EQ(render::phrase({id}, lang).find('{'), std::string::npos) << id;
  };
  for (auto& row : Knowledge::builtin().tables().causes) {
    std::string id(row.id);
    for (auto* part : {".title", ".why", ".confirm"}) use("cause." + id + part);
    for (auto& remedy : row.remedies) use("cure." + std::string(remedy.id));
    for (auto wrong : row.wrong)
      use("wrong." + std::string(wrong)), use("wrong." + std::string(wrong) + ".why");
  }
  // What was seen belongs to a row, and its id stands in the sources (Texts.EveryRowIsUsed).
  for (auto& id : left) {
    if (!id.starts_with("cause.")) continue;
    auto cause = id.substr(6, id.rfind('.') - 6);
    EXPECT_TRUE(Knowledge::builtin().cause(cause)) << id;
  }
  for (auto& id : left) EXPECT_FALSE(id.starts_with("cure.") || id.starts_with("wrong.")) << id;
}

/// The ids that conditions give: in the call that makes a cause, in a variable `id`, or handed back by a
/// function.
TEST(Causes, EveryIdOfAFindingHasARow) {
  std::regex gives(R"re((?:found|fault)\(v\.facts,[^{;]*|\bid = [^;]*;|return "[a-z0-9-]+";)re");
  std::regex literal(R"re("([a-z0-9-]+)")re");
  const std::sregex_iterator end;
  size_t n = 0;
  for (auto& file : std::filesystem::directory_iterator(CUFIT_SOURCE_DIR "/src/judge")) {
    auto name = file.path().filename().string();
    if (name != "findings.cpp" && !(name.starts_with("causes_") && name.ends_with(".cpp"))) continue;
    std::ifstream in(file.path());
    std::string source((std::istreambuf_iterator<char>(in)), {});
    for (std::sregex_iterator m(source.begin(), source.end(), gives); m != end; ++m) {
      auto text = m->str();
      for (std::sregex_iterator id(text.begin(), text.end(), literal); id != end; ++id, n++)
        EXPECT_TRUE(Knowledge::builtin().cause((*id)[1].str())) << name << ": " << (*id)[1];
    }
  }
  EXPECT_GT(n, 70u);
}

/// All words of every finding, with every parameter filled in.
TEST(Causes, FindingsAreWordedInFull) {
  for (auto& c : cause_cases()) {
    SCOPED_TRACE(c["cause"].get<std::string>());
    for (auto& f : judged(c, nullptr).findings) {
      std::vector<Text> texts = {f.why.text};
      for (auto& part : f.why.parts) texts.push_back(part.text);
      for (auto& r : f.remedies) texts.push_back(r.text);
      for (auto& r : f.rejected) texts.push_back(r.change), texts.push_back(r.why);
      for (auto& r : f.remedies)
        EXPECT_TRUE(!r.root || r.commands.empty() || !r.text.id.starts_with("cure.")) << r.text.id;
      for (auto& text : texts) {
        if (text.empty()) continue;
        EXPECT_TRUE(render::has_words(text.id)) << text.id;
        for (auto lang : {render::Lang::en, render::Lang::zh})
          EXPECT_EQ(render::phrase(text, lang).find('{'), std::string::npos) << render::phrase(text, lang);
      }
    }
  }
}

}  // namespace
}  // namespace cufit::testing
