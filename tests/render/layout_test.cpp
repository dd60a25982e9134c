#include "render/layout.h"

#include <gtest/gtest.h>

namespace cufit::render {
namespace {

using Lines = std::vector<std::string>;

TEST(Columns, ChineseTakesTwo) {
  EXPECT_EQ(columns(""), 0u);
  EXPECT_EQ(columns("sm_80"), 5u);
  EXPECT_EQ(columns("驱动"), 4u);
  EXPECT_EQ(columns("（35）"), 6u);
  EXPECT_EQ(columns("\xff\xfe"), 2u);
  EXPECT_EQ(padded("驱动", 6), "驱动  ");
  EXPECT_EQ(padded("long", 2), "long");
}

TEST(Printable, KeepsTextAndShowsTheRest) {
  EXPECT_EQ(printable("lib.so 驱动 é"), "lib.so 驱动 é");
  EXPECT_EQ(printable("\x1b[31m\n\x7f"), "\\x1b[31m\\x0a\\x7f");
  EXPECT_EQ(printable("\xc0\x80"), "\\xc0\\x80");           // overlong
  EXPECT_EQ(printable("\xed\xa0\x80"), "\\xed\\xa0\\x80");  // surrogate
  EXPECT_EQ(printable("\xe9\xa9"), "\\xe9\\xa9");           // cut off
  EXPECT_EQ(printable("\xe2\x80\xae"), "\\xe2\\x80\\xae");  // right-to-left override
}

TEST(Wrapped, BreaksAtSpacesAndBetweenChineseCharacters) {
  EXPECT_EQ(wrapped("", 10), Lines{""});
  EXPECT_EQ(wrapped("one two three", 7), (Lines{"one two", "three"}));
  EXPECT_EQ(wrapped("averyverylongword x", 5), (Lines{"averyverylongword", "x"}));
  EXPECT_EQ(wrapped("需要新驱动", 6), (Lines{"需要新", "驱动"}));
  // No line begins with a closing mark or ends with an opening one.
  EXPECT_EQ(wrapped("需要，驱动", 4), (Lines{"需", "要，", "驱动"}));
  EXPECT_EQ(wrapped("需要（驱动", 6), (Lines{"需要", "（驱动"}));
}

TEST(Page, ItemsHangUnderTheirFirstLine) {
  Page page(false, 24);
  page.item({"fix"}, 4, "install a newer driver than this");
  EXPECT_EQ(page.take(), "fix install a newer\n    driver than this\n");
}

TEST(Page, WidthZeroNeverBreaks) {
  Page page(false, 0);
  page.item({"fix"}, 4, std::string(300, 'x') + " y");
  EXPECT_EQ(page.take(), "fix " + std::string(300, 'x') + " y\n");
}

TEST(Page, ColourIsClosed) {
  Page page(true, 0);
  page.line({{"unfit", Style::bad}, {" x"}});
  EXPECT_EQ(page.take(), "\x1b[1;31munfit\x1b[0m x\n");
}

TEST(Table, AlignsByColumnsNotBytes) {
  Table table({Table::Align::left, Table::Align::right, Table::Align::left});
  table.row({{"驱动"}, {"1"}, {"a"}});
  table.row({{"gpu"}, {"100"}, {"bb"}});
  Page page(false, 0);
  table.print(page, 1);
  EXPECT_EQ(page.take(), " 驱动    1  a\n gpu   100  bb\n");
}

TEST(Table, IsStackedOnlyWhereItDoesNotFit) {
  using enum Table::Align;
  Table table({left, left, left});
  table.row({{""}, {"1"}, {"2"}});
  table.row({{"a"}, {"fits"}, {"unfit"}});
  ASSERT_EQ(table.width(), 14u);
  auto at = [&](size_t width) {
    Page page(false, width);
    table.print_stacked(page);
    return page.take();
  };
  EXPECT_EQ(at(14), "   1     2\na  fits  unfit\n\n");
  EXPECT_EQ(at(0), at(14));
  EXPECT_EQ(at(13), "   1\na  fits\n\n   2\na  unfit\n\n");
  EXPECT_EQ(at(5), at(13));  // one column at least
}

}  // namespace
}  // namespace cufit::render
