// The registry: every rule has words in data/texts/rules.toml and a source.
#include <filesystem>
#include <fstream>
#include <regex>

#include "judge/jit.h"
#include "judge/visible.h"
#include "judge/world.h"
#include "model/variables.h"

namespace cufit::testing {
namespace {

std::string file(const std::filesystem::path& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(Rules, EveryRuleExplainsItself) {
  auto texts = file(CUFIT_SOURCE_DIR "/data/texts/rules.toml");
  std::set<std::string_view> ids;
  for (auto* rule : all_rules()) {
    EXPECT_TRUE(ids.insert(rule->id).second) << rule->id << " twice";
    EXPECT_FALSE(rule->sources[0].empty()) << rule->id;
    for (auto& text : {rule->what(), rule->why(), rule->fix(), rule->example()})
      EXPECT_NE(texts.find("[\"" + text.id + "\"]"), texts.npos) << text.id;
    EXPECT_EQ(find_rule(rule->id), rule);
  }
}

/// The ids of texts that the sources of judge name, as in {"image.none", ...}.
std::set<std::string> ids_in_sources() {
  std::set<std::string> ids;
  const std::regex id(
      R"re("((image|limit|driver|visible|note|remedy|reject|use|compat|container|host|wsl|library|seen|listed)\.[a-z0-9.-]+)")re");
  for (auto& entry : std::filesystem::directory_iterator(CUFIT_SOURCE_DIR "/src/judge")) {
    auto text = file(entry.path());
    for (std::sregex_iterator m(text.begin(), text.end(), id), end; m != end; ++m) ids.insert((*m)[1]);
  }
  return ids;
}

/// The error codes that the sources of judge write as numbers, as their texts are called: 98 is seen as 500,
/// and 1 and 8 are codes of tools with texts of their own.
std::set<std::string> codes_in_sources() {
  std::set<std::string> codes;
  const std::regex number(
      R"re((?:code (?:= |== )|make_failure\((?:[^()]*\? )?|\? |: |case |, )(\d{2,3})(?=[,;:) ]))re");
  for (auto& entry : std::filesystem::directory_iterator(CUFIT_SOURCE_DIR "/src/judge")) {
    auto text = file(entry.path());
    for (std::sregex_iterator m(text.begin(), text.end(), number), end; m != end; ++m) {
      auto code = (*m)[1].str();
      if (std::stoi(code) >= 35 && Knowledge::builtin().error(uint32_t(std::stoi(code))))
        codes.insert(code == "98" ? "500" : code);
    }
  }
  return codes;
}

TEST(Rules, EveryTextHasWords) {
  std::string texts;
  for (auto& entry : std::filesystem::directory_iterator(CUFIT_SOURCE_DIR "/data/texts"))
    texts += file(entry.path());
  auto ids = ids_in_sources();
  EXPECT_GT(ids.size(), 50u);
  for (auto& id : ids) EXPECT_NE(texts.find("[\"" + id + "\"]"), texts.npos) << id;
  auto codes = codes_in_sources();
  EXPECT_GT(codes.size(), 10u);
  for (auto& code : codes) EXPECT_NE(texts.find("[\"seen." + code + "\"]"), texts.npos) << code;
  for (auto code : {"35", "100", "101", "209"})
    EXPECT_NE(texts.find("[\"seen." + std::string(code) + "-torch\"]"), texts.npos) << code;
}

TEST(Rules, TheirVariablesAreListed) {
  const std::regex name(R"re("((CUDA|NVIDIA|TRITON|BNB)(_[A-Z0-9]+)+_?)")re");
  std::set<std::string> named;
  for (auto& entry : std::filesystem::directory_iterator(CUFIT_SOURCE_DIR "/src/judge")) {
    auto text = file(entry.path());
    for (std::sregex_iterator m(text.begin(), text.end(), name), end; m != end; ++m) named.insert((*m)[1]);
  }
  EXPECT_GE(named.size(), 8u);
  for (auto& n : named) EXPECT_GE(use_of_variable(n), VariableUse::machine) << n;
  for (auto n : variables_of(VariableUse::judged))
    EXPECT_TRUE(named.contains(std::string(n)) || n == "CUDA_MODULE_LOADING") << n;
}

TEST(Rules, FoundInAnyCase) {
  ASSERT_TRUE(find_rule("sass-1"));
  EXPECT_EQ(find_rule("sass-1")->id, "SASS-1");
  EXPECT_FALSE(find_rule("SASS-99"));
  EXPECT_FALSE(find_rule(""));
}

Visibility first_of(std::string_view value, uint32_t count) {
  return visible_devices(value, DeviceList::of(count)).first;
}

/// pip refuses what is not installed yet; what is installed is refused by the dynamic loader.
TEST(Host, AnOldGlibcStopsWhatIsInstalledInTheLoader) {
  World world;
  world.machine = machine("a100", "580.95.05");
  world.machine.glibc = {version("2.17"), {Source::Kind::arg, "test"}};
  world.subjects = {build("torch==2.9.1+cu130")};
  auto fails = [&] { return judge(world, Knowledge::builtin()).judgements.at(0).fails.value(); };
  EXPECT_EQ(fails().call, "pip install");
  world.subjects[0].kind = Subject::Kind::distribution;
  EXPECT_EQ(fails().call, "ld.so");
  EXPECT_EQ(fails().seen_as.id, "seen.version-missing");
}

TEST(Visible, ReadsNumbersAsTheDriverDoes) {
  for (auto value : {"0", "00", "+0", " 0", "0 ", "0abc", "0x0", "0.0", "0;1", "4294967296", "0,7", "0,abc",
                     "0,-1", "0,,0"})
    EXPECT_EQ(first_of(value, 1), Visibility::visible) << value;
  for (auto value :
       {"abc", "all", "none", "void", ",0", "-1", "-2", "7", "7,0", "", "GPU-", "GPU-deadbeef", "1"})
    EXPECT_EQ(first_of(value, 1), Visibility::hidden) << value;
  EXPECT_EQ(first_of("0,0", 1), Visibility::duplicate);
  EXPECT_EQ(first_of("0,1,0", 2), Visibility::duplicate);
}

/// Of some devices nobody knows whether they are listed, or their UUID.
TEST(Visible, OfAListThatIsNotKnownInFull) {
  const std::string one = "GPU-11111111-1111-1111-1111-111111111111",
                    other = "GPU-22222222-2222-2222-2222-222222222222";
  DeviceList list = {1, 2, {one, ""}};
  auto first = [&](const std::string& value) { return visible_devices(value, list).first; };
  EXPECT_EQ(first("0"), Visibility::visible);
  EXPECT_EQ(first("1"), Visibility::unknown);
  EXPECT_EQ(first("2"), Visibility::hidden);
  EXPECT_EQ(first(one), Visibility::visible);
  EXPECT_EQ(first(other), Visibility::unknown);
  EXPECT_TRUE(visible_devices("0,1", list).cut);
  EXPECT_FALSE(visible_devices("0", list).cut);
}

}  // namespace
}  // namespace cufit::testing
