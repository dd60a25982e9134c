#include "collect/toolkit.h"

#include <gtest/gtest.h>

#include "collect/scratch.h"

namespace cufit::collect {
namespace {

using test::Scratch;
namespace fs = std::filesystem;
using Lines = std::vector<std::string>;
using Env = std::map<std::string, std::string>;

Lines told(const Scratch& s, const Env& env = {}) {
  Lines out;
  for (auto& t : find_toolkits(Root(s.path()), env))
    out.push_back(t.path + ' ' + (t.version ? t.version->text() : "-") + (t.nvcc ? " nvcc" : "") +
                  (t.default_link ? " default" : ""));
  return out;
}

TEST(Toolkit, VersionsInTexts) {
  EXPECT_EQ(
      version_of_json(R"({"cuda":{"name":"CUDA SDK","version":"12.4.1"},"nvcc":{"version":"12.4.131"}})")
          ->text(),
      "12.4.1");
  for (auto* bad :
       {"", "{}", "[]", "{\"cuda\":1}", "{\"cuda\":{\"version\":12}}", "{\"cuda\":{\"version\":\"x\"}}", "{"})
    EXPECT_FALSE(version_of_json(bad)) << bad;
  EXPECT_EQ(version_of_txt("CUDA Version 10.2.89\n")->text(), "10.2.89");
  EXPECT_FALSE(version_of_txt("CUDA Version unknown"));
  EXPECT_EQ(version_of_header("/** x */\n#define CUDA_VERSION 12040\n")->text(), "12.4");
  EXPECT_EQ(version_of_header("#define CUDA_VERSION 13000")->text(), "13.0");
  for (auto* bad : {"", "#define CUDA_VERSION ", "#define CUDA_VERSION 12", "#define CUDA_VERSION 1204099999",
                    "#define CUDA_VERSION 12040x", "#define CUDA_VERSION_X 1"})
    EXPECT_FALSE(version_of_header(bad)) << bad;
}

TEST(Toolkit, EachOnceAndTheDefaultIsMarked) {
  Scratch s;
  s.write("usr/local/cuda-12.4/version.json", R"({"cuda":{"version":"12.4.1"}})");
  s.write("usr/local/cuda-12.4/bin/nvcc", "");
  s.write("usr/local/cuda-10.2/version.txt", "CUDA Version 10.2.89\n");
  // 13.0 of NVIDIA's image: no version.json, headers in targets.
  s.write("usr/local/cuda-13.0/targets/x86_64-linux/include/cuda.h", "#define CUDA_VERSION 13000\n");
  fs::create_symlink("targets/x86_64-linux/include", s.path("usr/local/cuda-13.0/include"));
  fs::create_symlink("/etc/alternatives/cuda", s.path("usr/local/cuda"));
  fs::create_directories(s.path("etc/alternatives"));
  fs::create_symlink("/usr/local/cuda-12.4", s.path("etc/alternatives/cuda"));
  fs::create_symlink("cuda-12.4", s.path("usr/local/cuda-12"));
  fs::create_directories(s.path("usr/local/cudnn"));
  fs::create_symlink("cuda-9", s.path("usr/local/cuda-gone"));
  EXPECT_EQ(told(s, {{"CUDA_HOME", "/usr/local/cuda/"}}),
            (Lines{"/usr/local/cuda-10.2 10.2.89", "/usr/local/cuda-12.4 12.4.1 nvcc default",
                   "/usr/local/cuda-13.0 13.0"}));
}

TEST(Toolkit, ElsewhereAndByVariables) {
  Scratch s;
  s.write("usr/lib/nvidia-cuda-toolkit/bin/nvcc", "");
  s.write("usr/include/cuda.h", std::string(13'000, ' ') + "#define CUDA_VERSION 11080\n");
  s.write("opt/nvidia/hpc_sdk/Linux_x86_64/24.5/cuda/12.4/bin/nvcc", "");
  s.write("opt/nvidia/hpc_sdk/Linux_x86_64/24.5/cuda/include/x.h", "");
  s.write("home/u/cuda/include/cuda.h", "#define CUDA_VERSION 12010\n");
  s.write("env/bin/nvcc", "");
  s.write("env/targets/x86_64-linux/include/cuda.h", "#define CUDA_VERSION 12060\n");
  EXPECT_EQ(told(s, {{"CUDA_PATH", "/home/u/cuda"}, {"CUDA_ROOT", "relative"}, {"CONDA_PREFIX", "/env"}}),
            (Lines{"/env 12.6 nvcc", "/home/u/cuda 12.1",
                   "/opt/nvidia/hpc_sdk/Linux_x86_64/24.5/cuda/12.4 12.4 nvcc",
                   "/usr/lib/nvidia-cuda-toolkit 11.8 nvcc"}));
}

TEST(Toolkit, WhatCannotBeReadIsNotGuessed) {
  Scratch s;
  fs::create_directories(s.path("usr/local/cuda-x/bin"));
  s.write("usr/local/cuda-x/version.json", "not JSON");
  auto all = find_toolkits(Root(s.path()), {{"CUDA_HOME", "/"}, {"CUDA_PATH", "/etc"}});
  ASSERT_EQ(all.size(), 1u);
  EXPECT_TRUE(std::holds_alternative<Unreadable>(all[0].version.is));
}

}  // namespace
}  // namespace cufit::collect
