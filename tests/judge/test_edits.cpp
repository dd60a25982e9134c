// Remedies of library causes are tried through the loader: the poison of LD_LIBRARY_PATH is asked for again
// without it, on an index of files made by hand.
#include "judge/cause_findings.h"
#include "judge/edit.h"
#include "judge/observed_world.h"
#include "loader/search.h"

namespace cufit::testing {
namespace {

constexpr const char* linker = "/lib64/ld-linux-x86-64.so.2";

/// The folders of the path are listed: what is not added does not lie in them.
LoadedObject& add(FileIndex& index, const std::string& path) {
  IndexedFile file;
  file.kind = IndexedFile::Kind::file;
  file.real = path;
  file.object = LoadedObject{};
  file.object->arch = "x86_64";
  file.object->dyn.soname = std::string(base_name(std::string_view(path)));
  auto& object = *(index.files[path] = file).object;
  std::string folder = path;
  do {
    folder = folder.substr(0, std::max<size_t>(folder.rfind('/'), 1));
    if (std::ranges::find(index.listed, folder) == index.listed.end()) index.listed.push_back(folder);
    IndexedFile directory;
    directory.kind = IndexedFile::Kind::directory;
    directory.real = folder;
    index.files[folder] = directory;
    if (folder.rfind('/') == 0) folder = "/";
  } while (folder.size() > 1);
  if (std::ranges::find(index.listed, "/") == index.listed.end()) index.listed.push_back("/");
  std::ranges::sort(index.listed);
  return object;
}

/// A program that brings cuSPARSE and nvJitLink of CUDA 12.4, found by RUNPATH, beside an nvJitLink of
/// `poison`.
FileIndex files_of(const std::string& poison) {
  FileIndex index;
  auto& ld = add(index, linker);
  ld.dyn.soname = "ld-linux-x86-64.so.2";
  ld.loader = LoaderBuild{{"/lib64"}, "/etc/ld.so.cache", "2.36"};
  auto& program = add(index, "/venv/bin/python3");
  program.interpreter = linker;
  program.dyn = {{}, {}, "/venv/cusparse", {"libcusparse.so.12"}};
  auto& sparse = add(index, "/venv/cusparse/libcusparse.so.12");
  sparse.dyn.runpath = "/venv/nvjitlink";
  sparse.dyn.needed = {"libnvJitLink.so.12"};
  add(index, "/venv/nvjitlink/libnvJitLink.so.12");
  if (!poison.empty()) add(index, poison + "/libnvJitLink.so.12");
  return index;
}

World poisoned(FileIndex files, const std::string& variable) {
  Json patch = {{"env", {{"LD_LIBRARY_PATH", variable}}}};
  auto world = observed_world("host", {patch});
  world.files = std::move(files);
  world.observed->cpu = {Cpu{{}, "x86_64", false}, looked_at};
  LoaderSettings settings;
  settings.env = world.machine.env;
  settings.cpu = *world.observed->cpu;
  Loads process{"s0", "/venv/bin/python3", {}, loads_of("/venv/bin/python3", {}, world.files, settings)};
  const std::map<std::string, std::string> versions = {{"/venv/cusparse/libcusparse.so.12", "12.3.1.170"},
                                                       {"/venv/nvjitlink/libnvJitLink.so.12", "12.4.127"},
                                                       {"/opt/cuda-12.1/libnvJitLink.so.12", "12.1.105"}};
  auto version_of = [&](const std::string& path) {
    auto at = versions.find(path);
    return at == versions.end() ? std::string() : at->second;
  };
  for (auto& l : process.loads) {
    l.version = version_of(l.real);
    for (auto& s : l.shadows) s.version = version_of(s.path);
  }
  world.loads = {process};
  return world;
}

TEST(Edits, UnsettingThePathIsTriedThroughTheLoader) {
  auto world = poisoned(files_of("/opt/cuda-12.1"), "/opt/lib:/opt/cuda-12.1");
  auto report = judge(world, Knowledge::builtin());
  ASSERT_FALSE(report.findings.empty());
  auto& f = report.findings[0];
  EXPECT_EQ(f.cause, "nvjitlink-mismatch");
  EXPECT_EQ(f.folds, std::vector<std::string>{"ld-library-path-shadowing"});
  ASSERT_GE(f.remedies.size(), 2u);
  EXPECT_EQ(f.remedies[0].commands, std::vector<std::string>{"unset LD_LIBRARY_PATH"});
  EXPECT_EQ(f.remedies[1].commands, std::vector<std::string>{"export LD_LIBRARY_PATH='/opt/lib'"});
  for (size_t i : {0, 1}) {
    EXPECT_TRUE(f.remedies[i].checked);
    EXPECT_EQ(f.remedies[i].after, Verdict::fits);
    EXPECT_FALSE(f.remedies[i].root);
  }
}

/// Without the variable the program would find none at all: unsetting it is no remedy.
TEST(Edits, WhatDoesNotHelpIsNotOffered) {
  auto files = files_of("/opt/cuda-12.1");
  files.files.erase("/venv/nvjitlink/libnvJitLink.so.12");
  add(files, "/venv/nvjitlink/glibc-hwcaps/x86-64-v3/libother.so");
  auto world = poisoned(std::move(files), "/opt/cuda-12.1");
  auto report = judge(world, Knowledge::builtin());
  ASSERT_FALSE(report.findings.empty());
  EXPECT_EQ(report.findings[0].cause, "nvjitlink-mismatch");
  for (auto& r : report.findings[0].remedies) EXPECT_FALSE(r.checked) << r.text.id;
}

/// A folder of LD_LIBRARY_PATH that the cache knows as well needs no variable.
TEST(Edits, WithoutTheVariableTheCacheStillHasIt) {
  Json patch = {{"env", {{"LD_LIBRARY_PATH", "/usr/lib/x86_64-linux-gnu"}}}};
  auto then = [&](const char* on) {
    patch["observed"]["libraries"]["/usr/lib/x86_64-linux-gnu/libcuda.so.1"] =
        std::string("driver 550.54.14 ") + on;
    auto changed = apply(Edit::unset_library_path, {}, observed_world("host", {patch}));
    auto* libcuda = changed ? loaded_library(changed->observed, "libcuda.so.1") : nullptr;
    return libcuda ? libcuda->on : "none";
  };
  EXPECT_EQ(then("LD_LIBRARY_PATH/cache"), "cache");
  EXPECT_EQ(then("LD_LIBRARY_PATH/default"), "default");
  EXPECT_EQ(then("LD_LIBRARY_PATH"), "none");
}

TEST(Edits, CommandsForEveryVariableThatChanged) {
  Machine before, after;
  before.env = {{"A", "1"}, {"B", "2"}, {"CUDA_VISIBLE_DEVICES", "0"}};
  after.env = {{"A", "it's"}, {"CUDA_VISIBLE_DEVICES", "0"}, {"D", ""}};
  EXPECT_EQ(shell_commands(before, after),
            (std::vector<std::string>{"unset B", "export A='it'\\''s'", "export D=''"}));
}

/// One cause found twice, once of all subjects: it is of all, and both folders are offered.
TEST(Edits, OfSeveralThatAreEqualNothingIsLost) {
  Json patch = {{"env", {{"LD_LIBRARY_PATH", "/a:/opt/lib:/b"}}}};
  auto world = observed_world("host", {patch});
  auto& k = Knowledge::builtin();
  auto cause = [](const char* id, std::vector<SubjectId> subjects, const char* folder) {
    FoundCause c;
    c.id = id;
    c.subjects = std::move(subjects);
    c.args = {{"folder", folder}};
    return c;
  };
  Report report;
  add_cause_findings(world, k,
                     {cause("nvjitlink-mismatch", {"s0"}, "/a"), cause("nvjitlink-mismatch", {}, "/b"),
                      cause("ld-library-path-shadowing", {"s1"}, "/b")},
                     report);
  ASSERT_EQ(report.findings.size(), 1u);
  auto& f = report.findings[0];
  EXPECT_EQ(f.folds, std::vector<std::string>{"ld-library-path-shadowing"});
  std::vector<std::string> commands;
  for (auto& r : f.remedies) commands.insert(commands.end(), r.commands.begin(), r.commands.end());
  EXPECT_NE(std::ranges::find(commands, "export LD_LIBRARY_PATH='/opt/lib'"), commands.end());
}

/// A recording does not hold what nobody asked for: the remedy stands, unchecked.
TEST(Edits, WhatWasNotRecordedIsNotChecked) {
  auto world = poisoned(files_of("/opt/cuda-12.1"), "/opt/cuda-12.1");
  world.files = {};
  auto report = judge(world, Knowledge::builtin());
  ASSERT_FALSE(report.findings.empty());
  auto& f = report.findings[0];
  EXPECT_EQ(f.cause, "nvjitlink-mismatch");
  ASSERT_FALSE(f.remedies.empty());
  EXPECT_EQ(f.remedies[0].commands, std::vector<std::string>{"unset LD_LIBRARY_PATH"});
  EXPECT_FALSE(f.remedies[0].checked);
  EXPECT_FALSE(f.remedies[0].after);
}

}  // namespace
}  // namespace cufit::testing
