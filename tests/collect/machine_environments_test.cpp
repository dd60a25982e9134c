#include "collect/machine_environments.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "collect/environment_scratch.h"
#include "collect/ordinary_user.h"

namespace cufit::collect {
namespace {

using test::kStaysRoot;
using test::OrdinaryUser;
using test::Scratch;
namespace fs = std::filesystem;
using Lines = std::vector<std::string>;
using Env = std::map<std::string, std::string>;

std::string told(const FoundEnvironment& e) {
  std::string out = e.kind + ' ' + e.root + ' ' + e.python + (e.active ? " active" : "");
  for (auto& f : e.frameworks) out += "; " + f;
  return out;
}
Lines told(const Scratch& s, const Env& env = {}, const std::string& cwd = {}) {
  Lines out;
  for (auto& e : find_machine_environments(Root(s.path()), env, cwd).found) out.push_back(told(e));
  return out;
}

/// A virtual environment or, with kind "conda", a prefix, in which packages are described.
void make(const Scratch& s, const std::string& root, const Lines& packages,
          const std::string& python = "3.12", const std::string& kind = "venv") {
  if (kind == "conda")
    s.write(root + "/conda-meta/history", "");
  else if (kind == "venv" || kind == "uv")
    s.write(root + "/pyvenv.cfg", "home = /usr/bin\n" + std::string(kind == "uv" ? "uv = 0.9.1\n" : "") +
                                      "version_info = " + python + ".3\n");
  auto site = root + "/lib/python" + python + "/site-packages/";
  fs::create_directories(s.path(site));
  for (auto& p : packages) fs::create_directories(s.path(site + p + ".dist-info"));
}

TEST(MachineEnvironments, FrameworksByNamesInAFolder) {
  Scratch s;
  make(s, "opt/a",
       {"numpy-2.1.0", "triton-3.5.1", "torch-2.9.1+cu130", "jax_cuda12_plugin-0.7.1", "cupy_cuda12x-13.6.0",
        "flash_attn-2.8.3", "torchlike-1", "~orch-2.0", "onnxruntime_gpu-1.23.0"});
  make(s, "opt/b", {});
  for (auto* name :
       {"torch-2.1.0-py3.10.egg-info", "tensorflow.egg-info", ".dist-info", "-.dist-info", "triton"})
    fs::create_directories(s.path("opt/b/lib/python3.12/site-packages/" + std::string(name)));
  EXPECT_EQ(told(s),
            (Lines{"venv /opt/a 3.12; torch 2.9.1+cu130; jax-cuda12-plugin 0.7.1; cupy-cuda12x 13.6.0; "
                   "onnxruntime-gpu 1.23.0; flash-attn 2.8.3; triton 3.5.1",
                   "venv /opt/b 3.12; torch 2.1.0; tensorflow"}));
}

/// What Python finds there is an environment's, too; a folder that is not there is passed over.
TEST(MachineEnvironments, FrameworksInFoldersThatAPthNames) {
  Scratch s;
  make(s, "data/base", {"torch-2.9.1"});
  s.write("data/base/lib/python3.12/site-packages/torch/version.py", "__version__ = '2.9.1+cu130'\n");
  make(s, "opt/a", {"triton-3.5.1"});
  s.write("opt/a/lib/python3.12/site-packages/base.pth",
          "# of the base\n/gone\nimport os\n/data/base/lib/python3.12/site-packages\n");
  make(s, "opt/b", {});
  s.write("opt/b/lib/python3.12/site-packages/b.pth",
          "../../../../../data/base/lib/python3.12/site-packages");
  EXPECT_EQ(told(s), (Lines{"venv /opt/a 3.12; torch 2.9.1+cu130; triton 3.5.1",
                            "venv /opt/b 3.12; torch 2.9.1+cu130"}));
}

std::string unread_of(const MachineEnvironments& found) {
  std::string all;
  for (auto& gap : found.unread) {
    all += gap.path + ' ' + gap.what.id;
    for (auto& [name, value] : gap.what.args)
      if (name == "why" && !value.empty()) all += ' ' + value;
    all += '\n';
  }
  return all;
}

TEST(MachineEnvironments, AnActiveOneThatIsNoneIsSaid) {
  Scratch s;
  fs::create_directories(s.path("etc"));
  s.write("file", "");
  auto said = [&](const Env& env) { return unread_of(find_machine_environments(Root(s.path()), env, "")); };
  EXPECT_EQ(said({{"VIRTUAL_ENV", "/gone"}}), "/gone software.active-gone\n");
  EXPECT_EQ(said({{"CONDA_PREFIX", "/etc"}}), "/etc software.active-no-environment\n");
  EXPECT_EQ(said({{"VIRTUAL_ENV", ".venv"}}), ".venv software.active-relative\n");
  EXPECT_EQ(said({{"VIRTUAL_ENV", ""}}), "");
  make(s, "opt/a", {});
  EXPECT_EQ(said({{"VIRTUAL_ENV", "/opt/a"}, {"CONDA_PREFIX", "/opt/a"}}), "");
}

TEST(MachineEnvironments, WhatAUserMayNotReadOrStartIsSaid) {
  Scratch s;
  fs::permissions(s.path(), fs::perms(0755));
  for (auto* name : {"closed", "fine", "broken"}) make(s, name, {"torch-2.9.1"});
  for (auto* name : {"closed", "fine"}) s.write(std::string(name) + "/bin/python", "#!");
  fs::permissions(s.path("fine/bin/python"), fs::perms::all);
  fs::create_directories(s.path("broken/bin"));
  fs::create_symlink("/gone/python3.12", s.path("broken/bin/python"));
  OrdinaryUser user;
  if (!user) GTEST_SKIP() << kStaysRoot;
  auto said = [&](const std::string& name) {
    auto all = unread_of(find_machine_environments(Root(), {{"VIRTUAL_ENV", s.path(name)}}, ""));
    std::string mine;
    for (auto line : split(all, '\n'))
      if (line.starts_with(s.path())) mine += line.substr(s.path().size());
    return mine;
  };
  EXPECT_EQ(said("closed"), "/closed/bin/python software.interpreter-does-not-start EACCES");
  EXPECT_EQ(said("broken"), "/broken/bin/python software.interpreter-does-not-start ENOENT");
  EXPECT_EQ(said("fine"), "");
}

TEST(MachineEnvironments, AnActiveOneThatAUserMayNotReadIsSaid) {
  Scratch s;
  fs::permissions(s.path(), fs::perms(0755));
  make(s, "private/venv", {"torch-2.9.1"});
  make(s, "inside", {"torch-2.9.1"});
  fs::permissions(s.path("private"), fs::perms::owner_all);
  fs::permissions(s.path("inside"), fs::perms::owner_all);
  OrdinaryUser user;
  if (!user) GTEST_SKIP() << kStaysRoot;
  for (std::string name : {"/private/venv", "/inside"}) {
    auto all = unread_of(find_machine_environments(Root(), {{"VIRTUAL_ENV", s.path() + name}}, ""));
    EXPECT_NE(all.find(s.path() + name + " software.active-unreadable EACCES\n"), all.npos) << all;
  }
}

TEST(MachineEnvironments, TheActiveOnesComeFirst) {
  Scratch s;
  make(s, "work/.venv", {"vllm-0.11.0"});
  make(s, "srv/active", {"torch-2.9.1"});
  s.write("srv/active/lib/python3.12/site-packages/torch/version.py",
          "__version__ = '2.9.1+cu130'\ncuda = '13.0'\n");
  make(s, "opt/conda", {"torch-2.5.1"}, "3.11", "conda");
  EXPECT_EQ(told(s, {{"VIRTUAL_ENV", "/srv/active"}, {"CONDA_PREFIX", "/opt/conda"}}, "/work/src/deep"),
            (Lines{"venv /srv/active 3.12 active; torch 2.9.1+cu130",
                   "conda /opt/conda 3.11 active; torch 2.5.1", "venv /work/.venv 3.12; vllm 0.11.0"}));
}

/// In containers often nothing but PATH tells which one programs use.
TEST(MachineEnvironments, ThatOfTheFirstPythonInPath) {
  Scratch s;
  make(s, "data/venv", {"torch-2.9.1"});
  make(s, "data/python", {"jax-0.7.1"}, "3.13", "none");
  for (auto* python : {"data/venv/bin/python", "data/python/bin/python3.13"}) s.write(python, "");
  s.write("links/bin/other", "");
  fs::create_symlink("/data/python/bin/python3.13", s.path("links/bin/python3"));
  EXPECT_EQ(told(s, {{"PATH", "bin:/gone:/data/venv/bin:/links/bin"}}),
            Lines{"venv /data/venv 3.12; torch 2.9.1"});
  EXPECT_EQ(told(s, {{"PATH", "/links/bin:/data/venv/bin"}}), Lines{"system /data/python 3.13; jax 0.7.1"});
  EXPECT_EQ(told(s), Lines());
}

TEST(MachineEnvironments, WithoutAHomeItIsSaidWhatWasNotLookedAt) {
  auto said = [](const Env& env) { return unread_of(find_machine_environments(Root(), env, "")); };
  EXPECT_NE(said({}).find("~ software.no-home\n"), std::string::npos);
  EXPECT_EQ(said({{"HOME", "/no/such/home"}}).find("no-home"), std::string::npos);
}

TEST(MachineEnvironments, WherePeopleAndToolsPutThem) {
  Scratch s;
  for (auto* root : {"home/ada/.virtualenvs/a", "home/ada/.local/share/virtualenvs/b", "opt/c",
                     "opt/app/.venv", "workspace/d/venv", "venv"})
    make(s, root, {});
  make(s, "home/ada/.local/share/uv/tools/ruff", {}, "3.13", "uv");
  make(s, "home/ada/.local/share/pipx/venvs/poetry", {}, "3.13");
  make(s, "home/ada/.pyenv/versions/3.10.2", {"pip-24.0"}, "3.10", "pyenv");
  make(s, "home/ada/miniconda3", {}, "3.12", "conda");
  make(s, "home/ada/miniconda3/envs/e", {"tensorflow-2.20.0"}, "3.12", "conda");
  make(s, "data/elsewhere", {}, "3.9", "conda");
  s.write("home/ada/.conda/environments.txt", "/data/elsewhere\n/gone\n\nrelative\n/home/ada/miniconda3\n");
  make(s, "home/ada/.local", {"jax-0.7.1"}, "3.12", "none");
  make(s, "usr/local", {"torch-2.8.0"}, "3.11", "none");
  fs::create_directories(s.path("usr/lib/python3/dist-packages/numpy-1.26.4.egg-info"));
  fs::create_directories(s.path("usr/bin"));
  s.write("usr/bin/python3.11", "");
  fs::create_symlink("python3.11", s.path("usr/bin/python3"));
  EXPECT_EQ(
      told(s),
      (Lines{"venv /home/ada/.local/share/virtualenvs/b 3.12", "venv /home/ada/.virtualenvs/a 3.12",
             "venv /opt/app/.venv 3.12", "venv /opt/c 3.12", "venv /venv 3.12", "venv /workspace/d/venv 3.12",
             "uv /home/ada/.local/share/uv/tools/ruff 3.13",
             "pipx /home/ada/.local/share/pipx/venvs/poetry 3.13", "conda /data/elsewhere 3.9",
             "conda /home/ada/miniconda3 3.12", "conda /home/ada/miniconda3/envs/e 3.12; tensorflow 2.20.0",
             "pyenv /home/ada/.pyenv/versions/3.10.2 3.10", "user /home/ada/.local 3.12; jax 0.7.1",
             "system /usr 3.11", "system /usr/local 3.11; torch 2.8.0"}));
}

TEST(MachineEnvironments, FoldersThatAreNoneAndLinksToOne) {
  Scratch s;
  make(s, "opt/real", {});
  fs::create_symlink("real", s.path("opt/alias"));
  fs::create_symlink("loop", s.path("opt/loop"));
  fs::create_directories(s.path("opt/app/lib/python3.12/site-packages"));
  s.write("opt/file", "");
  fs::create_directories(s.path("usr/lib/python3/dist-packages"));
  EXPECT_EQ(told(s, {{"VIRTUAL_ENV", "/opt/gone"}, {"CONDA_PREFIX", "relative"}}),
            Lines{"venv /opt/alias 3.12"});
}

TEST(MachineEnvironments, TenThousandAreCutAndItIsSaid) {
  Scratch s;
  for (int i = 0; i < 10'000; i++) s.write("root/.virtualenvs/e" + std::to_string(i) + "/pyvenv.cfg", "");
  make(s, "active", {"torch-2.9.1+cu130"});
  make(s, "usr", {"torch-2.8.0"}, "3.11", "none");
  auto all = find_machine_environments(Root(s.path()), {{"VIRTUAL_ENV", "/active"}}, "");
  EXPECT_EQ(all.found.size(), kMaxEnvironments + 1);
  EXPECT_EQ(told(all.found.front()), "venv /active 3.12 active; torch 2.9.1+cu130");
  EXPECT_EQ(told(all.found.back()), "system /usr 3.11; torch 2.8.0");
  ASSERT_EQ(all.unread.size(), 1u);
  EXPECT_EQ(all.unread[0].what.id, "software.environments-cut");
}

TEST(MachineEnvironments, ManyFoldersThatAreNoneAreCutToo) {
  Scratch s;
  for (int i = 0; i < 6'000; i++) fs::create_directories(s.path("workspace/d" + std::to_string(i)));
  auto all = find_machine_environments(Root(s.path()), {}, "");
  EXPECT_TRUE(all.found.empty());
  EXPECT_EQ(all.unread.size(), 1u);
}

TEST(MachineEnvironments, AFolderWithTooManyNamesIsAGap) {
  Scratch s;
  for (int i = 0; i < 17'000; i++) s.write("root/venvs/f" + std::to_string(i), "");
  auto all = find_machine_environments(Root(s.path()), {}, "");
  ASSERT_EQ(all.unread.size(), 1u);
  EXPECT_EQ(all.unread[0].path, "/root/venvs");
}

}  // namespace
}  // namespace cufit::collect
