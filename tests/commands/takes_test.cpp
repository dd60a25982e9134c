// The rules as they are asked for images to load: here only that their answers arrive.
#include "commands/takes.h"

#include <gtest/gtest.h>

#include "judge/world.h"

namespace cufit::commands {
namespace {

using collect::Takes;

Takes takes(const std::string& module, const std::string& sm) {
  auto k = Knowledge::builtin();
  Machine machine;
  Gpu gpu;
  gpu.sm = {*Sm::parse(sm), {}};
  auto place = place_of(k, machine, gpu);
  return takes_at(*place)(testing::shape(module));
}

TEST(Takes, AsTheRulesSay) {
  EXPECT_EQ(takes("1x s80 s86 p86@8.1", "8.6"), Takes::native);
  EXPECT_EQ(takes("1x s80 p80@8.1", "8.6"), Takes::compatible);
  EXPECT_EQ(takes("1x s80 p80@8.1", "9.0"), Takes::compiled);
  EXPECT_EQ(takes("1x s80", "9.0"), Takes::not_at_all);
  EXPECT_EQ(takes("1x s90:empty", "9.0"), Takes::not_at_all);
  EXPECT_EQ(takes("1x s90:unresolved", "9.0"), Takes::not_at_all);
}

// 8.7 is a Jetson: the compute capabilities alone would say that it runs.
TEST(Takes, RulesThatNumbersDoNotTell) { EXPECT_EQ(takes("1x s80", "8.7"), Takes::not_at_all); }

}  // namespace
}  // namespace cufit::commands
