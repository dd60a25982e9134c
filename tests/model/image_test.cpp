#include "model/image.h"

#include <gtest/gtest.h>

namespace cufit {
namespace {

TEST(Image, NamesBothBoundsOfAnIsaOnlyWhereTheyDiffer) {
  Image ptx;
  ptx.isa = {8, 0};
  EXPECT_EQ(ptx.isa_text(), "8.0");
  ptx.isa_at_most = {8, 8};
  EXPECT_EQ(ptx.isa_text(), "8.0-8.8");
  ptx.isa = ptx.isa_at_most;
  EXPECT_EQ(ptx.isa_text(), "8.8");
}

}  // namespace
}  // namespace cufit
