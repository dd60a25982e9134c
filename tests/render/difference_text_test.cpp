#include <gtest/gtest.h>

#include "render/render.h"

namespace cufit::render {
namespace {

using Effect = Difference::Effect;
using Kind = Difference::Kind;

Difference difference(const std::string& fact, Effect effect, const std::string& a = "x",
                      const std::string& b = "y") {
  return {fact, Kind::changed, a, b, {}, effect, {}};
}

/// A machine that runs torch and one that does not.
Report report(std::vector<Difference> differences) {
  Report r;
  r.command = "diff";
  r.differences = std::move(differences);
  auto& c = r.compared.emplace();
  c.differ = true;
  c.a = {"/tmp/good.json", Verdict::fits, "torch 2.9.1", "A800", {}, {}, {}, 0};
  c.b = {"/tmp/bad.json",
         Verdict::unfit,
         "torch 2.9.1",
         "A800",
         {"check.no-driver"},
         Failure{100, "cudaErrorNoDevice", When::first_cuda_call, "cudaGetDeviceCount", {}},
         {},
         1};
  return r;
}

std::string text(const Report& r, Options options = {}) { return to_text(r, options); }

TEST(DifferenceText, BothOutcomesComeFirst) {
  for (auto& r : {report({}), report({difference("machine.glibc", Effect::none)}),
                  report({difference("machine.driver.kernel", Effect::decides, "535.1", "absent")})}) {
    auto t = text(r);
    EXPECT_TRUE(
        t.starts_with("A          good.json: torch 2.9.1 on A800 runs (cufit check exits with 0)\n"
                      "B          bad.json: torch 2.9.1 on A800 does not run (cufit check exits with 1)\n"))
        << t;
    EXPECT_TRUE(t.contains("cudaErrorNoDevice (100)")) << t;
    EXPECT_FALSE(t.contains("both machines come to the same")) << t;
  }
  auto same = report({difference("machine.glibc", Effect::none)});
  same.compared->differ = false;
  EXPECT_TRUE(text(same).contains("both machines come to the same")) << text(same);
}

TEST(DifferenceText, OneThatDecidesIsNamedAlone) {
  auto t = text(
      report({difference("machine.driver.kernel", Effect::decides, "535.1", "absent"),
              difference("subjects.torch.version", Effect::changes), difference("env.PATH", Effect::none)}));
  EXPECT_TRUE(t.contains("one difference decides: with what A has there, B comes to the same\n")) << t;
  EXPECT_TRUE(t.contains("decides    driver: 535.1 in A, none in B\n")) << t;
  EXPECT_FALSE(t.contains("torch: x")) << t;
  EXPECT_TRUE(t.contains("2 differences more that do not decide this: --why lists them")) << t;
  // The same from the other side.
  auto turned = report({difference("machine.driver.kernel", Effect::decides)});
  turned.compared->tried_on_first = true;
  EXPECT_TRUE(text(turned).contains("with what B has there, A comes")) << text(turned);
}

TEST(DifferenceText, WhatCannotBeAttributedIsSaidSo) {
  auto r = report({difference("env.PATH", Effect::none)});
  r.compared->unattributed = {"diff.open-all", {{"n", "1"}}};
  EXPECT_TRUE(text(r).contains("why cannot be attributed: even with all 1 differences")) << text(r);
  EXPECT_TRUE(text(r, {.lang = Lang::zh}).contains("无法归因")) << text(r, {.lang = Lang::zh});
}

TEST(DifferenceText, WhereBothFailNothingIsOffered) {
  auto r = report({difference("machine.driver.kernel", Effect::changes, "535.1", "absent")});
  r.compared->a.verdict = Verdict::unfit;
  auto t = text(r);
  EXPECT_TRUE(t.contains("both fail, for different reasons")) << t;
  EXPECT_TRUE(t.contains("differs    driver: 535.1 in A, none in B")) << t;
  EXPECT_FALSE(t.contains("decide")) << t;
  EXPECT_TRUE(text(r, {.lang = Lang::zh}).contains("两者都不能运行")) << text(r, {.lang = Lang::zh});
}

TEST(DifferenceText, OtherSetsAreNamed) {
  auto r = report({difference("machine.driver.kernel", Effect::decides),
                   difference("subjects.torch.version", Effect::decides)});
  r.differences[0].with = {"subjects.torch.version"}, r.differences[1].with = {"machine.driver.kernel"};
  r.compared->other_sets = {{"machine.driver.kernel", "machine.gpus.gpu0"}};
  auto t = text(r);
  EXPECT_TRUE(t.contains("other sets may do as well")) << t;
  EXPECT_TRUE(t.contains("or       together: driver, GPU gpu0\n")) << t;
}

TEST(DifferenceText, NothingIsSaidTwiceAndNoValueLeftOut) {
  auto twice = difference("machine.arch", Effect::decides, "x86_64", "aarch64");
  twice.also = {"observed.os.arch"};
  EXPECT_FALSE(text(report({twice})).contains("also")) << text(report({twice}));
  twice.also.push_back("observed.os.kernel");
  EXPECT_TRUE(text(report({twice})).contains("also     Linux kernel\n")) << text(report({twice}));
  auto only = [](Kind kind, const std::string& fact) {
    auto d = difference(fact, Effect::decides, "", "");
    d.kind = kind;
    return text(report({d}));
  };
  EXPECT_TRUE(only(Kind::added, "observed.environments./opt/x").contains("environment /opt/x: only in B\n"));
  EXPECT_TRUE(
      only(Kind::removed, "observed.environments./opt/x").contains("environment /opt/x: only in A\n"));
  EXPECT_TRUE(only(Kind::added, "env.LD_PRELOAD").contains("variable LD_PRELOAD: only in B: empty\n"));
}

TEST(DifferenceText, ManyAreCounted) {
  std::vector<Difference> many;
  for (int i = 0; i < 40; i++) {
    many.push_back(difference("env.V" + std::to_string(i), Effect::decides));
    many.back().with = {"env.others"};
  }
  auto t = text(report(many));
  EXPECT_TRUE(t.contains("40 differences decide together")) << t;
  EXPECT_TRUE(t.contains("and 34 more of them: --why lists them")) << t;
  EXPECT_FALSE(t.contains("variable V6:")) << t;
  EXPECT_TRUE(text(report(many), {.why = true}).contains("variable V39:"));
}

/// Names of members of the model are for programs.
TEST(DifferenceText, FactsAndValuesHaveWords) {
  for (auto& [fact, value, en, zh] : std::vector<std::array<std::string, 4>>{
           {"observed.nodes./dev/nvidia0.opens", "unreadable: EPERM",
            "/dev/nvidia0 can be opened: no (EPERM)", "能否打开"},
           {"observed.limits.shm", "67108864", "size of /dev/shm: 64 MiB", "64 MiB"},
           {"observed.kernel.loaded", "absent", "driver that the kernel has loaded: none", "无"},
           {"observed.os.secure_boot", "true", "Secure Boot: yes", "是"},
           {"observed.libraries./usr/lib/libcuda.so.1.version", "550.1",
            "version of /usr/lib/libcuda.so.1: 550.1", "的版本"},
           {"subjects./opt/a b torch.version", "2.0", "version of /opt/a b torch: 2.0", "的版本"},
           {"subjects.torch.members.lib/x.so", "no GPU code", "lib/x.so of torch: no GPU code",
            "没有 GPU 代码"},
           {"files./venv/lib", "12 files", "file /venv/lib: 12 files", "12 个文件"},
           {"loads.torch.libcufft.so.11", "not found",
            "library that is loaded: torch.libcufft.so.11: not found", "未找到"},
           {"observed.mig.gpu0/gi1.ci", "0", "compute instances of MIG instance gpu0/gi1: ID 0", "计算实例"},
           {"observed.mig.gpu0/gi1", "0, 1", "MIG instance gpu0/gi1: with compute instance 0, 1",
            "含计算实例"},
           {"machine.gpus.gpu0", "not known", "GPU gpu0: not known", "未知"},
           {"env.CUDA_VISIBLE_DEVICES", "", "variable CUDA_VISIBLE_DEVICES: empty", "空"}}) {
    auto r = report({difference(fact, Effect::decides, value, "z")});
    EXPECT_TRUE(text(r).contains("decides    " + en + " in A, z in B\n")) << text(r);
    auto chinese = text(r, {.lang = Lang::zh});
    EXPECT_TRUE(chinese.contains(zh)) << chinese;
    EXPECT_FALSE(chinese.contains("observed.")) << chinese;
  }
}

}  // namespace
}  // namespace cufit::render
