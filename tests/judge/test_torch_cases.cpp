// torch_cases.jsonl: GPU, driver and PyTorch build -> verdict, by hand from quoted sources.
// torch_builds.json: the architectures of those builds.
#include <fstream>

#include "judge/world.h"

namespace cufit::testing {
namespace {

Json builds() {
  std::ifstream in(CUFIT_SOURCE_DIR "/tests/judge/torch_builds.json");
  return Json::parse(in);
}

std::string when(When w) {
  return w == When::first_cuda_call ? "first CUDA call"
         : w == When::first_kernel  ? "first kernel"
                                    : "module load";
}

/// A driver offered: "driver >= 525.60.13", "R580".
bool offers(const Report& report, const std::string& wanted) {
  for (auto& f : report.findings)
    for (auto& r : f.remedies) {
      if (r.kind != Remedy::Kind::driver) continue;
      if (wanted == "driver" || r.suggest == wanted) return true;
      if (wanted.starts_with("driver >= ") && r.minimum && r.minimum->text().starts_with(wanted.substr(10)))
        return true;
    }
  return false;
}

bool is_driver(const std::string& remedy) { return remedy.starts_with("driver") || remedy.starts_with("R5"); }

TEST(TorchCases, AllThatBytesDecide) {
  auto all = builds();
  std::ifstream in(CUFIT_SOURCE_DIR "/tests/judge/torch_cases.jsonl");
  size_t judged = 0;
  for (std::string line; std::getline(in, line);) {
    SCOPED_TRACE(line);
    auto c = Json::parse(line);
    auto rules = c["rules"].get<std::vector<std::string>>();
    // DRV-10 is about the Triton wheel beside it, which is not part of this subject.
    if (std::ranges::find(rules, "DRV-10") != rules.end()) continue;
    judged++;
    std::string build = c["target"];
    if (c.value("note", "") == "aarch64 build") build += " aarch64";
    ASSERT_TRUE(all.contains(build));
    World world;
    world.machine = machine(c["gpu"], c["driver"]);
    world.subjects = {subject("wheel", all[build]["files"])};
    auto report = judge(world, Knowledge::builtin());
    auto& j = report.judgements.at(0);
    auto& expect = c["expect"];
    EXPECT_EQ(name(j.verdict), expect["verdict"].get<std::string>()) << j.why.rule;
    EXPECT_EQ(j.fails.has_value(), !expect["code"].is_null());
    if (j.fails && !expect["code"].is_null()) {
      EXPECT_EQ(j.fails->code, expect["code"]);
      EXPECT_EQ(when(j.fails->when), expect["when"].get<std::string>());
    }
    for (auto& remedy : c["remedies_include"].get<std::vector<std::string>>())
      if (is_driver(remedy)) {
        EXPECT_TRUE(offers(report, remedy)) << remedy;
      }
    for (auto& remedy : c["remedies_exclude"].get<std::vector<std::string>>())
      if (is_driver(remedy)) {
        EXPECT_FALSE(offers(report, remedy)) << remedy;
      }
  }
  EXPECT_EQ(judged, 26u);
}

}  // namespace
}  // namespace cufit::testing
