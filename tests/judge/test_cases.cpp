// tests/judge/cases/*.json: for each rule cases in which it fires, is silent, or lacks a fact. Each names the
// origin of what is expected: a document, a run on a GPU, NVIDIA's tools, never cufit. A rule that says
// itself nothing in a report (it explains what others say) names the one that does in `says`. Where no fact
// can be missing, {"rule", "case": "unknown", "n/a": why} says so.
#include <filesystem>
#include <fstream>

#include "judge/world.h"
#include "model/json_names.h"

namespace cufit::testing {
namespace {

Json read(const std::filesystem::path& path) {
  std::ifstream in(path);
  return Json::parse(in);
}

std::string text(const Json& j, const char* key) { return j[key].get<std::string>(); }

void expect_findings(const Json& expect, const Report& report) {
  auto* finding = report.findings.empty() ? nullptr : &report.findings[0];
  if (expect.contains("cause")) {
    ASSERT_TRUE(finding);
    EXPECT_EQ(finding->cause, text(expect, "cause"));
  }
  if (expect.contains("causes")) {
    std::vector<std::string> causes;
    for (auto& f : report.findings) causes.push_back(f.cause);
    EXPECT_EQ(causes, expect["causes"].get<std::vector<std::string>>());
  }
  if (expect.contains("remedy")) {
    ASSERT_TRUE(finding);
    auto of_driver = std::ranges::find(finding->remedies, Remedy::Kind::driver, &Remedy::kind);
    ASSERT_TRUE(of_driver != finding->remedies.end());
    auto& r = *of_driver;
    EXPECT_EQ(r.minimum ? r.minimum->text() : "", text(expect, "remedy"));
    EXPECT_TRUE(r.checked && r.after && *r.after <= Verdict::limited && r.suggest);
  }
  if (expect.contains("suggest")) {
    ASSERT_TRUE(finding && !finding->remedies.empty());
    EXPECT_EQ(finding->remedies[0].suggest, text(expect, "suggest"));
  }
  if (expect.contains("unset")) {
    ASSERT_TRUE(finding && !finding->remedies.empty());
    EXPECT_EQ(finding->remedies[0].commands.at(0), "unset " + std::string(expect["unset"]));
    EXPECT_TRUE(finding->remedies[0].checked);
  }
  if (expect.contains("no_remedy")) {
    ASSERT_TRUE(finding);
    EXPECT_TRUE(finding->remedies.empty());
  }
  if (expect.contains("rejected")) {
    ASSERT_TRUE(finding);
    EXPECT_TRUE(
        std::ranges::any_of(finding->rejected, [&](auto& x) { return x.rule == text(expect, "rejected"); }));
  }
}

void expect_judgement(const Json& c, const Report& report) {
  auto& expect = c["expect"];
  auto& j = report.judgements.at(0);
  EXPECT_EQ(name(j.verdict), text(expect, "verdict"));
  if (expect.contains("code")) {
    EXPECT_TRUE(codes_of(j).contains(expect["code"])) << (j.fails ? j.fails->code : 0);
  } else {
    EXPECT_FALSE(j.fails) << j.fails->code;
  }
  if (expect.contains("when")) {
    ASSERT_TRUE(j.fails);
    EXPECT_EQ(name_of(j.fails->when), text(expect, "when"));
  }
  if (expect.contains("axes")) {
    EXPECT_EQ(name_of(j.driver_axis), expect["axes"][0].get<std::string>());
    EXPECT_EQ(name_of(j.image_axis), expect["axes"][1].get<std::string>());
  }
  if (expect.contains("coverage")) {
    std::vector<uint32_t> have = {j.coverage.modules, j.coverage.native, j.coverage.compatible,
                                  j.coverage.ptx, j.coverage.none};
    EXPECT_EQ(have, expect["coverage"].get<std::vector<uint32_t>>());
  }
  auto needs = j.needs.driver ? j.needs.driver->text() : "";
  if (expect.contains("needs_at_least")) {
    EXPECT_GE(version(needs), version(expect["needs_at_least"]));
  } else if (expect.contains("needs")) {
    EXPECT_EQ(needs, text(expect, "needs"));
  }
  if (expect.contains("before")) {
    EXPECT_EQ(j.needs.before, text(expect, "before"));
  }
  for (auto& [id, verdict] : expect.value("uses", std::map<std::string, std::string>{})) {
    auto use = std::ranges::find(j.uses, id, &Use::id);
    ASSERT_TRUE(use != j.uses.end()) << id;
    EXPECT_EQ(name(use->verdict), verdict) << id;
  }
  if (expect.contains("assumed")) {
    auto& assumed = report.machine.assumed;
    EXPECT_NE(std::ranges::find(assumed, expect["assumed"].get<std::string>()), assumed.end());
  }
}

void collect_against(const Evidence& e, std::set<std::string>& rules) {
  if (e.says != Verdict::fits) rules.insert(e.rule);
  for (auto& part : e.parts) collect_against(part, rules);
}

/// The rules that say something against the subject, not those that only say that all is well, or note it.
std::set<std::string> rules_against(const Judgement& j) {
  std::set<std::string> rules;
  collect_against(j.why, rules);
  for (auto& limit : j.limits) rules.insert(limit.rule);
  for (auto& use : j.uses)
    if (use.verdict != Verdict::fits) rules.insert(use.rule);
  return rules;
}

void expect_rules(const Json& c, const Report& report) {
  auto rules = rules_of(report);
  auto expect = c["expect"];
  if (c["case"] == "silent") {
    EXPECT_FALSE(rules_against(report.judgements.at(0)).contains(text(c, "rule"))) << "not silent";
  } else {
    std::string rule = expect.value("says", std::string(c["rule"]));
    EXPECT_TRUE(rules.contains(rule)) << rule;
  }
  if (c["case"] == "unknown") {
    auto uses = expect.value("uses", std::map<std::string, std::string>{});
    bool of_use = std::ranges::any_of(uses, [](auto& use) { return use.second == "unknown"; });
    EXPECT_TRUE(text(expect, "verdict") == "unknown" || of_use);
  }
  for (auto& rule : expect.value("not", std::vector<std::string>{})) {
    EXPECT_FALSE(rules.contains(rule)) << rule;
  }
  for (auto& rule : rules) {
    EXPECT_TRUE(find_rule(rule)) << rule << " is not in the registry";
  }
}

std::vector<Json> all_cases() {
  std::vector<Json> cases;
  for (auto& entry : std::filesystem::directory_iterator(CUFIT_SOURCE_DIR "/tests/judge/cases"))
    for (auto& c : read(entry.path())) cases.push_back(c);
  return cases;
}

TEST(Cases, AllRules) {
  for (auto& c : all_cases()) {
    if (c.contains("n/a")) continue;
    SCOPED_TRACE(c.dump());
    ASSERT_FALSE(text(c, "origin").empty());
    World world{machine(c), subjects(c)};
    auto report = judge(world, Knowledge::builtin());
    ASSERT_EQ(report.judgements.size(), world.subjects.size());
    expect_judgement(c, report);
    expect_rules(c, report);
    expect_findings(c["expect"], report);
  }
}

TEST(Cases, EveryRuleHasOneThatFiresOneThatIsSilentAndOneThatLacksAFact) {
  std::set<std::pair<std::string, std::string>> have;
  for (auto& c : all_cases()) {
    auto kind = text(c, "case");
    EXPECT_TRUE(find_rule(text(c, "rule"))) << c.dump();
    if (c.contains("n/a")) {
      EXPECT_EQ(kind, "unknown") << c.dump();
      EXPECT_FALSE(text(c, "n/a").empty()) << c.dump();
    }
    have.emplace(text(c, "rule"), kind);
  }
  for (auto* rule : all_rules())
    for (auto kind : {"fires", "silent", "unknown"})
      EXPECT_TRUE(have.contains({std::string(rule->id), kind})) << rule->id << ": no case " << kind;
}

}  // namespace
}  // namespace cufit::testing
