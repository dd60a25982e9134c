#include "model/json.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "model/random_model.h"
#include "model/recording.h"

namespace cufit {
namespace {

template <class T>
class RoundTrip : public testing::Test {};
using ModelTypes =
    testing::Types<Text, Sm, Isa, Image, ModuleShape, Gap, Dynamic, Binary, Member, Requires, Subject, Gpu,
                   Driver, Machine, Evidence, Failure, Coverage, Limit, Note, Condition, Judgement, Remedy,
                   Rejected, Finding, World, Report, Fact<std::string>, Fact<Sm>, Fact<Version>, Fact<bool>,
                   Fact<double>, Fact<uint64_t>, Os, Limits, PciDevice, ProcGpu, KernelDriver, DeviceNode,
                   DriverLibrary, Toolkit, FoundEnvironment, SetVariable, MigInstance, Observed, VersionNeed,
                   LoadedObject, CachedLibrary, FileIndex, Shadowed, Load, Loads, Difference, NvmlGpu, CudaGpu, PythonProof, Probed, Recording>;
TYPED_TEST_SUITE(RoundTrip, ModelTypes);

// An enumerator behind the last name does not compile (json_names.h).
static_assert(is_enumerator<Verdict::unfit>() && !is_enumerator<Verdict(4)>());
static_assert(is_enumerator<Machine::Platform::windows>() && !is_enumerator<Machine::Platform(2)>());

TYPED_TEST(RoundTrip, RandomValuesComeBackEqual) {
  RandomModel random(1);
  for (int i = 0; i < 100; i++) {
    auto value = random.some<TypeParam>();
    auto json = write_json(value);
    auto back = read_json<TypeParam>(Json::parse(json.dump()));
    ASSERT_TRUE(back) << back.error().message << '\n' << json.dump(1);
    ASSERT_EQ(*back, value) << json.dump(1);
    // Versions that are equal but written differently (525 and 525.0) must keep their text.
    ASSERT_EQ(write_json(*back), json);
  }
}

TYPED_TEST(RoundTrip, UsualValuesComeBackEqual) {
  auto back = read_json<TypeParam>(write_json(TypeParam{}));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(*back, TypeParam{});
}

std::string error_of(const std::string& json) {
  auto report = report_from_json(json);
  return report ? "none" : report.error().message;
}

/// A report with one member of the JSON replaced.
std::string report_with(const char* pointer, Json value) {
  Report r;
  r.machine.gpus.resize(2);
  r.machine.gpus[1].sm = {Sm{9, 0, {}}, {}};
  r.judgements.resize(1);
  r.subjects.resize(1);
  auto json = write_json(r);
  json[Json::json_pointer(pointer)] = std::move(value);
  return json.dump();
}

TEST(JsonErrors, NameThePlaceAndTheExpectation) {
  EXPECT_EQ(error_of("[]"), "$: expected an object, found []");
  EXPECT_EQ(error_of("{}"), "$: expected a member \"schema\", found {}");
  EXPECT_EQ(error_of(report_with("/schema", "cufit.report/9")),
            "$.schema: expected \"cufit.report/1\", found \"cufit.report/9\"");
  EXPECT_EQ(error_of(report_with("/machine/gpus/1/sm/value", 90)),
            "$.machine.gpus[1].sm.value: expected a target such as \"9.0a\", found 90");
  EXPECT_EQ(error_of(report_with("/machine/gpus/1/sm/value", "9.999")),
            "$.machine.gpus[1].sm.value: expected a target such as \"9.0a\", found \"9.999\"");
  EXPECT_EQ(error_of(report_with("/machine/gpus/1/sm/from", "rumour:x")),
            "$.machine.gpus[1].sm.from: expected one of path, call, arg, knowledge, log, assumed, found "
            "\"rumour\"");
  EXPECT_EQ(error_of(report_with("/judgements/0/verdict", "maybe")),
            "$.judgements[0].verdict: expected one of fits, limited, unknown, unfit, found \"maybe\"");
  EXPECT_EQ(error_of(report_with("/judgements/0/needs/driver", "525.60.13")),
            "$.judgements[0].needs.driver: expected a version as in \">=525.60.13\", found \"525.60.13\"");
  EXPECT_EQ(error_of(report_with("/judgements/0/coverage/modules", -1)),
            "$.judgements[0].coverage.modules: expected a number in range, found -1");
  EXPECT_EQ(error_of(report_with("/judgements/0/coverage/modules", 1.5)),
            "$.judgements[0].coverage.modules: expected a whole number, found 1.5");
  EXPECT_EQ(error_of(report_with("/judgements/0/why/args", 1)),
            "$.judgements[0].why.args: expected an object, found 1");
  EXPECT_EQ(error_of(report_with("/subjects/0/read", 1)), "$.subjects[0].read: expected an object, found 1");
}

TEST(JsonErrors, SyntaxErrorsHaveAnOffset) {
  auto report = report_from_json("{\"schema\": tru}");
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().offset, 15u);
}

TEST(JsonErrors, ADeepProofIsRefused) {
  Evidence deep;
  for (int i = 0; i < 200; i++) {
    Evidence outer;
    outer.parts = {deep};
    deep = outer;
  }
  auto back = read_json<Evidence>(write_json(deep));
  ASSERT_FALSE(back);
  EXPECT_TRUE(back.error().message.ends_with(": nested too deep")) << back.error().message;
}

TEST(Json, AnObjectThatSaysSomethingCarriesItsWords) {
  Note note{"DRV-4", {"note.minor", {{"toolkit", "12.4"}}}};
  JsonContext context{.words = [](const Text& t) { return "toolkit " + t.args[0].second; }};
  auto json = write_json(note, context);
  EXPECT_EQ(json.dump(),
            R"({"rule":"DRV-4","id":"note.minor","text":"toolkit 12.4","args":{"toolkit":"12.4"}})");
}

TEST(Json, MembersUnknownToUsAreIgnored) {
  auto json = write_json(Coverage{1, 1, 0, 0, 0});
  json["from_the_future"] = true;
  EXPECT_EQ(*read_json<Coverage>(json), (Coverage{1, 1, 0, 0, 0}));
}

TEST(Json, TheGoldenReportReadsAndWritesTheSame) {
  std::ifstream in(CUFIT_SOURCE_DIR "/tests/model/check_a800_cu121.json");
  std::string text{std::istreambuf_iterator<char>(in), {}};
  auto report = report_from_json(text);
  ASSERT_TRUE(report) << report.error().message;
  auto golden = Json::parse(text);
  std::map<std::string, std::string> words;
  std::function<void(const Json&)> collect = [&](const Json& j) {
    if (j.is_object() && j.contains("id") && j.contains("text")) words[j["id"]] = j["text"];
    if (j.is_structured())
      for (auto& inner : j) collect(inner);
  };
  collect(golden);
  JsonContext context{.words = [&](const Text& t) { return words[t.id]; }, .cufit = "0.1.0"};
  EXPECT_EQ(write_json(*report, context).dump(1), golden.dump(1));
}

Report with_verdicts(std::initializer_list<Verdict> verdicts) {
  Report r;
  for (auto v : verdicts) r.judgements.emplace_back().verdict = v;
  return r;
}

TEST(Summary, UnfitBeforeNotOpenedBeforeUndecidedBeforeFits) {
  using enum Verdict;
  // A question to which nothing was judged is open; inspect asks none.
  EXPECT_EQ(summarize(with_verdicts({})).exit, 3);
  auto inspected = with_verdicts({});
  inspected.command = "inspect";
  EXPECT_EQ(summarize(inspected).exit, 0);
  EXPECT_FALSE(summarize(with_verdicts({})).verdict);
  EXPECT_EQ(summarize(with_verdicts({fits, limited})).exit, 0);
  EXPECT_EQ(summarize(with_verdicts({fits, limited}), FailOn::limited).exit, 1);
  EXPECT_EQ(summarize(with_verdicts({fits, unknown})).exit, 3);
  auto worst = summarize(with_verdicts({unknown, unfit, fits}));
  EXPECT_EQ(worst.exit, 1);
  EXPECT_EQ(worst.verdict, unfit);
  EXPECT_EQ(worst.count(unknown), 1u);
  auto not_opened = with_verdicts({fits, unknown});
  not_opened.unread.resize(1);
  EXPECT_EQ(summarize(not_opened).exit, 2);
  not_opened.judgements[0].verdict = unfit;
  EXPECT_EQ(summarize(not_opened).exit, 1);
}

}  // namespace
}  // namespace cufit
