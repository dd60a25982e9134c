// Words for how the asking of a driver, or of Python, came to its end.
#include "model/probed.h"

#include <gtest/gtest.h>

#include <set>

#include "model/json_names.h"

namespace cufit {
namespace {

TEST(ReasonOf, EveryEndThatIsNoneHasOneOfItsOwn) {
  std::set<std::string_view> reasons;
  for (size_t i = 0; i < Names<Asking::End>::list.size(); i++) {
    auto end = Asking::End(i);
    bool is_none = end == Asking::End::done || end == Asking::End::not_asked;
    EXPECT_EQ(reason_of(end).empty(), is_none) << name_of(end);
    EXPECT_TRUE(is_none || reasons.insert(reason_of(end)).second) << name_of(end);
  }
}

TEST(DeadlineWords, SecondsWhereTheyAreWhole) {
  using std::chrono::milliseconds;
  EXPECT_EQ(deadline_words(milliseconds(10'000)), "10 s");
  EXPECT_EQ(deadline_words(milliseconds(1'500)), "1500 ms");
}

}  // namespace
}  // namespace cufit
