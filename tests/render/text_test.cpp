// What a user sees.
#include <gtest/gtest.h>

#include "model/schema_validator.h"
#include "render/card.h"
#include "render/golden.h"
#include "render/phrase.h"
#include "render/render.h"
#include "render/samples.h"

namespace cufit::render {
namespace {

struct Case {
  const char* name;
  Report report;
  Options options;
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

std::vector<Case> cases() {
  Options usual{.width = 100}, why{.why = true, .width = 100}, narrow{.width = 60}, fix{.fix = true},
      quiet{.quiet = true}, color{.color = true, .width = 100};
  return {
      {"unfit", samples::driver_too_old(), usual},
      {"unfit_why", samples::driver_too_old(), why},
      {"unfit_fix", samples::driver_too_old(), fix},
      {"unfit_color", samples::driver_too_old(), color},
      {"unfit_narrow", samples::driver_too_old(), narrow},
      {"no_driver", samples::no_driver(), usual},
      {"fleet", samples::fleet(), usual},
      {"fleet_narrow", samples::fleet(), narrow},
      {"fleet_quiet", samples::fleet(), quiet},
      {"fleet_fix", samples::fleet(), fix},
      {"inspect", samples::inspection(), usual},
  };
}

class Golden : public testing::TestWithParam<Case> {};

TEST_P(Golden, English) {
  auto options = GetParam().options;
  expect_golden(std::string(GetParam().name) + ".en.txt", to_text(GetParam().report, options));
}

TEST_P(Golden, Chinese) {
  auto options = GetParam().options;
  options.lang = Lang::zh;
  expect_golden(std::string(GetParam().name) + ".zh.txt", to_text(GetParam().report, options));
}

INSTANTIATE_TEST_SUITE_P(Outputs, Golden, testing::ValuesIn(cases()),
                         [](auto& info) { return info.param.name; });

std::string without_colors(std::string s) {
  for (size_t begin; (begin = s.find("\x1b[")) != s.npos;) s.erase(begin, s.find('m', begin) + 1 - begin);
  return s;
}

TEST(Text, OneLineNamesTheSubjectAndWhyItFails) {
  auto report = samples::driver_too_old();
  auto line = one_line(report, {});
  EXPECT_NE(line.find(report.subjects[0].name), line.npos) << line;
  EXPECT_TRUE(line.ends_with(phrase(report.judgements[0].why.text, Lang::en))) << line;
  EXPECT_EQ(line.find('\n'), line.npos) << line;
}

TEST(Text, ColourAddsNothingButColour) {
  for (auto& c : cases()) {
    auto colored = c.options;
    colored.color = true;
    EXPECT_EQ(without_colors(to_text(c.report, colored)), without_colors(to_text(c.report, c.options)))
        << c.name;
  }
}

/// A remedy after which the verdict is the same is a part of what helps, and no more is promised.
TEST(Text, ARemedyThatIsNotEnoughSaysSo) {
  auto report = samples::driver_too_old();
  ASSERT_FALSE(report.findings.at(0).remedies.empty());
  report.findings[0].remedies[0].checked = true;
  report.findings[0].remedies[0].after = Verdict::unfit;
  EXPECT_NE(to_text(report, {}).find("-> still unfit: alone it is not enough"), std::string::npos);
  report.findings[0].remedies[0].after = Verdict::fits;
  EXPECT_EQ(to_text(report, {}).find("alone it is not enough"), std::string::npos);
}

/// An environment of `n` packages with the verdict of a report of one.
Report environment_of(Report r, size_t n) {
  auto subject = r.subjects[0];
  auto judgement = r.judgements[0];
  r.subjects.clear(), r.judgements.clear(), r.findings.clear();
  for (size_t i = 0; i < n; i++) {
    subject.id = judgement.subject = "s" + std::to_string(i);
    subject.name = "package-" + std::to_string(i), subject.environment = "/opt/venv";
    r.subjects.push_back(subject), r.judgements.push_back(judgement);
  }
  return r;
}

TEST(Text, WhatFitsWithoutADriverNamesTheOneThatItNeeds) {
  auto text = to_text(environment_of(samples::no_driver(), 12), {});
  EXPECT_NE(text.find(" and 6 more on "), text.npos) << text;
  EXPECT_NE(text.find("fits if the driver is 525.60.13 or later, and older than R590\n"), text.npos) << text;
}

TEST(Text, ManyNamesAreCountedAndWhyListsThem) {
  auto report = environment_of(samples::driver_too_old(), 12);
  auto text = to_text(report, {});
  EXPECT_NE(text.find("package-6 2.2.0+cu121 and 5 more\n"), text.npos) << text;
  EXPECT_NE(to_text(report, {.why = true}).find("package-11 2.2.0+cu121 on A800 (sm_80): "), text.npos);
}

TEST(Text, QuietIsSilentIfAllIsWell) {
  EXPECT_EQ(to_text(samples::no_driver(), {.quiet = true}), "");
  EXPECT_NE(to_text(samples::driver_too_old(), {.quiet = true}), "");
}

TEST(Text, NothingFromAFileReachesTheTerminalAsAControlSequence) {
  auto r = samples::inspection();
  r.subjects[0].members[0].bin.dyn.soname =
      "lib\x1b]0;owned\x07.so\n\xc2\x9b"
      "31m\xff";
  auto text = to_text(r, {});
  EXPECT_NE(text.find("lib\\x1b]0;owned\\x07.so\\x0a\\xc2\\x9b31m\\xff"), text.npos) << text;
  EXPECT_EQ(text.find('\x1b'), text.npos);
}

TEST(Text, LongListsOfGapsAreCutUnlessAskedFor) {
  auto r = samples::no_driver();
  r.subjects[0].unread.assign(100, r.subjects[0].unread[0]);
  for (size_t i = 0; i < 100; i++) r.subjects[0].unread[i].offset = i;
  auto count = [](const std::string& text) {
    size_t n = 0;
    for (size_t at = 0; (at = text.find("libbad.so", at)) != text.npos; at++) n++;
    return n;
  };
  EXPECT_EQ(count(to_text(r, {})), 12u);
  EXPECT_NE(to_text(r, {}).find("88 more"), std::string::npos);
  EXPECT_EQ(count(to_text(r, {.why = true})), 100u);
}

TEST(Text, GapsThatSayTheSameAreOneLine) {
  auto r = samples::no_driver();
  auto gap = r.subjects[0].unread[0];
  gap.offset.reset();
  r.subjects[0].unread.assign(9, gap);
  r.subjects[0].unread.push_back({"other.so", {}, Text{"verdict.fits"}});
  auto text = to_text(r, {});
  EXPECT_NE(text.find(gap.path + " and 8 files more: "), text.npos) << text;
  EXPECT_NE(text.find("other.so: fits"), text.npos) << text;
  EXPECT_EQ(to_text(r, {.why = true}).find("more"), std::string::npos);
}

// A check of nothing is no success that goes without saying.
TEST(Text, AnEmptyReportOfCheckSaysSo) {
  EXPECT_NE(to_text(Report{}, {}).find("nothing was judged"), std::string::npos);
}

TEST(Text, EmptyReportsOfInspectSayNothing) {
  Report inspect;
  inspect.command = "inspect";
  EXPECT_EQ(to_text(inspect, {}), "");
}

TEST(ReportJson, CarriesWordsInTheLanguageAskedFor) {
  auto r = samples::driver_too_old();
  r.judgements[0].notes = {{"DRV-4", Text{"verdict.fits"}}};
  EXPECT_NE(to_json(r, Lang::en).find(R"("id":"verdict.fits","text":"fits")"), std::string::npos);
  EXPECT_NE(to_json(r, Lang::zh).find(R"("id":"verdict.fits","text":"适配")"), std::string::npos);
}

TEST(ReportJson, BytesThatAreNotUtf8AreReplaced) {
  auto r = samples::inspection();
  r.subjects[0].path =
      "a\xff"
      "b";
  EXPECT_NE(to_json(r, Lang::en)
                .find("a\xef\xbf\xbd"
                      "b"),
            std::string::npos);
}

std::vector<Card> cards() {
  Card gpu{"gpu/a800-pcie-80gb",
           literal("NVIDIA A800 80GB PCIe"),
           {{Text{"label.file"}, {literal("8.0")}}, {Text{"label.images"}, {literal("one"), literal("two")}}},
           {"https://example.org/a", "https://example.org/b"}};
  return {gpu, gpu};
}

TEST(Card, English) { expect_golden("card.en.txt", to_text(cards(), {.width = 80})); }
TEST(Card, Chinese) { expect_golden("card.zh.txt", to_text(cards(), {.lang = Lang::zh, .width = 80})); }
TEST(Card, Json) { expect_golden("card.json", to_json(cards(), Lang::en)); }

TEST(Card, JsonAgreesWithItsSchema) {
  auto schema = SchemaValidator::load(CUFIT_SOURCE_DIR "/docs/schema/cufit.cards-1.schema.json");
  auto errors = schema.check(SchemaValidator::Json::parse(to_json(cards(), Lang::zh)));
  EXPECT_TRUE(errors.empty()) << errors.front();
  EXPECT_TRUE(schema.unused().empty());
}

TEST(ReportJson, AgreesWithTheSchema) {
  auto schema = SchemaValidator::load(CUFIT_SOURCE_DIR "/docs/schema/cufit.report-1.schema.json");
  for (auto& c : cases()) {
    auto errors = schema.check(SchemaValidator::Json::parse(to_json(c.report, Lang::zh)));
    EXPECT_TRUE(errors.empty()) << c.name << ": " << errors.front();
  }
}

}  // namespace
}  // namespace cufit::render
