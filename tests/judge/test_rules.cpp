// The registry: every rule has words in data/texts/rules.toml and a source.
#include <fstream>

#include "judge/jit.h"
#include "judge/visible.h"
#include "judge/world.h"

namespace cufit::testing {
namespace {

std::string rule_texts() {
  std::ifstream in(CUFIT_SOURCE_DIR "/data/texts/rules.toml");
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(Rules, EveryRuleExplainsItself) {
  auto texts = rule_texts();
  std::set<std::string_view> ids;
  for (auto* rule : all_rules()) {
    EXPECT_TRUE(ids.insert(rule->id).second) << rule->id << " twice";
    EXPECT_FALSE(rule->sources[0].empty()) << rule->id;
    for (auto& text : {rule->what(), rule->why(), rule->fix(), rule->example()})
      EXPECT_NE(texts.find("[\"" + text.id + "\"]"), texts.npos) << text.id;
    EXPECT_EQ(find_rule(rule->id), rule);
  }
}

TEST(Rules, FoundInAnyCase) {
  ASSERT_TRUE(find_rule("sass-1"));
  EXPECT_EQ(find_rule("sass-1")->id, "SASS-1");
  EXPECT_FALSE(find_rule("SASS-99"));
  EXPECT_FALSE(find_rule(""));
}

TEST(Visible, ReadsNumbersAsTheDriverDoes) {
  for (auto value : {"0", "00", "+0", " 0", "0 ", "0abc", "0x0", "0.0", "0;1", "4294967296", "0,7", "0,abc",
                     "0,-1", "0,,0"})
    EXPECT_EQ(visible_devices(value, 1).first, Visibility::visible) << value;
  for (auto value :
       {"abc", "all", "none", "void", ",0", "-1", "-2", "7", "7,0", "", "GPU-", "GPU-deadbeef", "1"})
    EXPECT_EQ(visible_devices(value, 1).first, Visibility::hidden) << value;
  EXPECT_EQ(visible_devices("0,0", 1).first, Visibility::duplicate);
  EXPECT_EQ(visible_devices("0,1,0", 2).first, Visibility::duplicate);
}

}  // namespace
}  // namespace cufit::testing
