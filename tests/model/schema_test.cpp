// docs/schema and the JSON that is written agree, in both directions.
#include <gtest/gtest.h>

#include "model/json.h"
#include "model/random_model.h"
#include "model/schema_validator.h"

namespace cufit {
namespace {

SchemaValidator report_schema() {
  return SchemaValidator::load(CUFIT_SOURCE_DIR "/docs/schema/cufit.report-1.schema.json");
}

/// What the validator says about a small report with one member replaced.
std::vector<std::string> errors_after(const char* pointer, Json value) {
  Report r;
  r.machine.gpus.resize(1);
  r.judgements.resize(1);
  auto json = write_json(r);
  json[Json::json_pointer(pointer)] = std::move(value);
  return report_schema().check(json);
}

TEST(Schema, RandomReportsAgreeAndTouchEveryMember) {
  auto schema = report_schema();
  RandomModel random(7);
  for (int i = 0; i < 60; i++) {
    auto errors = schema.check(write_json(random.some<Report>()));
    ASSERT_TRUE(errors.empty()) << errors.front();
  }
  for (auto* member : schema.unused()) ADD_FAILURE() << "in the schema, never written: " << member->dump();
}

TEST(Schema, RandomRecordingsAgreeAndTouchEveryMember) {
  auto report = report_schema();
  auto schema = SchemaValidator::load(CUFIT_SOURCE_DIR "/docs/schema/cufit.machine-1.schema.json");
  schema.refer_to(report);
  RandomModel random(8);
  for (int i = 0; i < 60; i++) {
    auto errors = schema.check(write_json(random.some<Recording>()));
    ASSERT_TRUE(errors.empty()) << errors.front();
  }
  for (auto* member : schema.unused()) ADD_FAILURE() << "in the schema, never written: " << member->dump();

  // What lies in the other schema is checked as well.
  auto wrong = write_json(Recording());
  wrong["machine"]["platform"] = "plan9";
  EXPECT_EQ(schema.check(wrong),
            std::vector<std::string>{R"($.machine.platform: expected one of ["linux","windows"])"});
}

TEST(Schema, TheGoldenReportAgrees) {
  std::ifstream in(CUFIT_SOURCE_DIR "/tests/model/check_a800_cu121.json");
  auto errors = report_schema().check(Json::parse(in));
  EXPECT_TRUE(errors.empty()) << errors.front();
}

TEST(Schema, WrongReportsDoNotAgree) {
  using Errors = std::vector<std::string>;
  EXPECT_EQ(errors_after("/command", "check"), Errors{});
  EXPECT_EQ(errors_after("/command", 1), Errors{"$.command: expected type string"});
  EXPECT_EQ(errors_after("/news", 1), Errors{"$.news: is not in the schema"});
  EXPECT_EQ(errors_after("/judgements/0/coverage/none", -1),
            Errors{"$.judgements[0].coverage.none: expected at least 0"});
  EXPECT_EQ(errors_after("/judgements/0/needs/driver", "525"),
            Errors{R"($.judgements[0].needs.driver: expected to match "^>=[0-9]+(\\.[0-9]+)*$")"});
  EXPECT_EQ(errors_after("/judgements/0/verdict", "maybe"),
            Errors{R"($.judgements[0].verdict: expected one of ["fits","limited","unknown","unfit"])"});
  EXPECT_EQ(errors_after("/machine/gpus/0", Json::object()), Errors{"$.machine.gpus[0]: lacks \"id\""});
}

}  // namespace
}  // namespace cufit
