// torch_cases.jsonl: GPU, driver and PyTorch build -> verdict, error code and remedies, by hand from quoted
// sources. The builds are those of the catalogue.
#include <algorithm>
#include <cctype>
#include <fstream>

#include "judge/world.h"
#include "model/json_names.h"

namespace cufit::testing {
namespace {

/// All that a remedy says: the values of its text and its commands.
std::string words_of(const Remedy& r) {
  std::string words;
  for (auto& [name, value] : r.text.args) words += value + '\n';
  for (auto& command : r.commands) words += command + '\n';
  return words;
}

/// Does the remedy answer to "driver", "driver >= 525.60.13", "R580", "torch 2.2.0+cu118", "cuda-compat" or
/// "TRITON_PTXAS_PATH"? A driver by its kind, anything else by its words.
bool is_meant(const Remedy& r, const std::string& wanted) {
  const std::string at_least = "driver >= ";
  bool driver = r.kind == Remedy::Kind::driver;
  if (wanted == "driver") return driver;
  if (wanted.starts_with(at_least))
    return driver && r.minimum && r.minimum->text().starts_with(wanted.substr(at_least.size()));
  if (wanted.starts_with("R") && wanted.size() == 4) return driver && r.suggest == wanted;
  return words_of(r).find(wanted) != std::string::npos;
}

bool offers(const Report& report, const std::string& wanted) {
  for (auto& f : report.findings)
    for (auto& r : f.remedies)
      if (is_meant(r, wanted)) return true;
  return false;
}

/// Does the report say that this change does not help?
bool rejects(const Report& report, const std::string& text) {
  return std::ranges::any_of(report.findings, [&](auto& f) {
    return std::ranges::find(f.rejected, text, [](auto& r) { return r.change.id; }) != f.rejected.end();
  });
}

Machine machine_of(const Json& c) {
  auto m = machine(c["gpu"].get<std::string>(), c["driver"].get<std::string>());
  if (c.value("note", "") == "aarch64 build") m.arch = {"aarch64", {Source::Kind::arg, "--arch"}};
  return m;
}

void expect_verdict(const Json& expect, const Judgement& j) {
  EXPECT_EQ(name(j.verdict), expect["verdict"].get<std::string>()) << j.why.rule;
  EXPECT_EQ(j.fails.has_value(), !expect["code"].is_null());
  if (!j.fails || expect["code"].is_null()) return;
  EXPECT_EQ(j.fails->code, expect["code"]);
  // The file writes "first CUDA call" for first-cuda-call.
  auto when = expect["when"].get<std::string>();
  std::ranges::replace(when, ' ', '-');
  std::ranges::transform(when, when.begin(), [](unsigned char c) { return char(std::tolower(c)); });
  EXPECT_EQ(name_of(j.fails->when), when);
}

TEST(TorchCases, All) {
  std::ifstream in(CUFIT_SOURCE_DIR "/tests/judge/torch_cases.jsonl");
  size_t judged = 0;
  for (std::string line; std::getline(in, line); judged++) {
    SCOPED_TRACE(line);
    auto c = Json::parse(line);
    World world{machine_of(c), {build(c["target"])}};
    world.subjects[0].id = "s0";
    auto report = judge(world, Knowledge::builtin());
    expect_verdict(c["expect"], report.judgements.at(0));
    for (auto& remedy : c["remedies_include"].get<std::vector<std::string>>())
      EXPECT_TRUE(offers(report, remedy)) << remedy;
    for (auto& remedy : c["remedies_exclude"].get<std::vector<std::string>>()) {
      if (remedy == "swap libcudart")
        EXPECT_TRUE(rejects(report, "reject.other-cudart"));
      else
        EXPECT_FALSE(offers(report, remedy)) << remedy;
    }
    if (c["driver"] == "none") {
      EXPECT_EQ(report.judgements[0].needs.driver, version("525.60.13"));
    }
  }
  EXPECT_EQ(judged, 28u);
}

}  // namespace
}  // namespace cufit::testing
