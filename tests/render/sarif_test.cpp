// SARIF as code scanning reads it.
#include <gtest/gtest.h>

#include "model/json.h"
#include "render/golden.h"
#include "render/render.h"
#include "render/samples.h"

namespace cufit::render {
namespace {

Json sarif(const Report& report, Options options = {}) { return Json::parse(to_sarif(report, options)); }

TEST(Sarif, Golden) {
  expect_golden("unfit.en.sarif", to_sarif(samples::driver_too_old(), {}));
  expect_golden("groups.en.sarif", to_sarif(samples::fleet_of_groups(), {}));
  expect_golden("groups.zh.sarif", to_sarif(samples::fleet_of_groups(), {.lang = Lang::zh}));
}

/// What section 3 of the standard asks of every log, and GitHub of every result.
TEST(Sarif, HasWhatTheStandardAsksFor) {
  for (auto& report : {samples::driver_too_old(), samples::no_driver(), samples::fleet(),
                       samples::fleet_of_groups(), Report{}}) {
    auto log = sarif(report);
    EXPECT_EQ(log["version"], "2.1.0");
    ASSERT_EQ(log["runs"].size(), 1u);
    auto& run = log["runs"][0];
    auto& rules = run["tool"]["driver"]["rules"];
    EXPECT_TRUE(run["results"].is_array());
    EXPECT_TRUE(run["invocations"][0]["executionSuccessful"].is_boolean());
    for (auto& result : run["results"]) {
      auto index = result["ruleIndex"].get<size_t>();
      ASSERT_LT(index, rules.size());
      EXPECT_EQ(rules[index]["id"], result["ruleId"]);
      EXPECT_FALSE(result["message"]["text"].get<std::string>().empty());
      EXPECT_EQ(result["locations"].size(), 1u);
      auto level = result["level"].get<std::string>();
      EXPECT_TRUE(level == "error" || level == "warning" || level == "note") << level;
    }
  }
}

TEST(Sarif, OneResultForASubjectAndAJudgement) {
  auto results = sarif(samples::fleet_of_groups())["runs"][0]["results"];
  ASSERT_EQ(results.size(), 3u);  // unfit on two groups, unknown, limited
  EXPECT_EQ(results[0]["level"], "error");
  EXPECT_EQ(results[0]["properties"]["groups"], Json({"lab", "R470"}));
  EXPECT_EQ(results[0]["properties"]["machines"], 13);
  EXPECT_EQ(results[1]["level"], "note");
  EXPECT_EQ(results[2]["level"], "warning");
}

TEST(Sarif, PathsAreUris) {
  auto report = samples::driver_too_old();
  auto uri = [&](const char* path) {
    report.subjects[0].path = path;
    auto where = sarif(report)["runs"][0]["results"][0]["locations"][0];
    return where.value("/physicalLocation/artifactLocation/uri"_json_pointer, std::string("none"));
  };
  EXPECT_EQ(uri("a b/ü:c#1.so"), "a%20b/%C3%BC%3Ac%231.so");
  EXPECT_EQ(uri("/opt/x.so"), "file:///opt/x.so");
  EXPECT_EQ(uri("\xff.so"), "%FF.so");
  report.subjects[0].kind = Subject::Kind::build;  // nothing lies anywhere
  EXPECT_EQ(uri("torch==2.2.0"), "none");
}

TEST(Sarif, ResultsKeepTheirFingerprintUnlessTheyChange) {
  auto report = samples::driver_too_old();
  auto mark = [&] { return sarif(report)["runs"][0]["results"][0]["partialFingerprints"].dump(); };
  auto before = mark();
  report.judgements[0].why.text = samples::said("other words");
  EXPECT_EQ(mark(), before);
  report.judgements[0].why.rule = "SASS-1";
  EXPECT_NE(mark(), before);
}

}  // namespace
}  // namespace cufit::render
