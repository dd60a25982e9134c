#include "knowledge/catalogue.h"

#include <gtest/gtest.h>

namespace cufit {
namespace {

std::vector<std::string> toolkits(const BuildRow& row) {
  std::vector<std::string> ids;
  for (auto* toolkit : toolkits_of(Knowledge::builtin(), row)) ids.emplace_back(toolkit->id);
  return ids;
}

TEST(ToolkitsOfABuild, AreOneOrThePublishedOnesOfItsMajor) {
  BuildRow row;
  EXPECT_TRUE(toolkits(row).empty());
  row.cuda_major = "12";
  // 12.7 was only ever the CUDA version of drivers (data/toolkits.toml).
  EXPECT_EQ(toolkits(row), (std::vector<std::string>{"12.0", "12.1", "12.2", "12.3", "12.4", "12.5", "12.6",
                                                     "12.8", "12.9"}));
  row.cuda = Cuda::parse("12.4");
  EXPECT_EQ(toolkits(row), std::vector<std::string>{"12.4"});
}

}  // namespace
}  // namespace cufit
