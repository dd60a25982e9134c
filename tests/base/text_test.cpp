#include "base/text.h"

#include <gtest/gtest.h>

namespace cufit {
namespace {

using namespace std::literals;

TEST(TextParts, AreTrimmedSplitAndNamed) {
  EXPECT_EQ(trimmed(" \ta b\r\n"), "a b");
  EXPECT_EQ(trimmed(" \t "), "");
  EXPECT_EQ(trimmed("xax", "x"), "a");
  EXPECT_EQ(split("a,,b"sv, ','), (std::vector<std::string_view>{"a", "", "b"}));
  EXPECT_EQ(split(""sv, ','), (std::vector<std::string_view>{""}));
  EXPECT_EQ(base_name("a/b.so"sv), "b.so");
  EXPECT_EQ(base_name("b.so"sv), "b.so");
  EXPECT_EQ(base_name("a/w.whl!lib/b.so"sv, "/!"), "b.so");
  EXPECT_EQ(base_name("a/"sv), "");
}

TEST(TextParts, FolderOfAPath) {
  EXPECT_EQ(folder_of("/a/b.so"), "/a");
  EXPECT_EQ(folder_of("/b.so"), "/");
  EXPECT_EQ(folder_of("a/b/c"), "a/b");
  EXPECT_EQ(folder_of("b.so"), "");
}

TEST(TextParts, PercentCodesAreBytes) {
  EXPECT_EQ(percent_decoded("a%20b%2Bc%2bd"), "a b+c+d");
  for (auto bad : {"%", "%2", "%zz", "%00", "a%+1"}) EXPECT_FALSE(percent_decoded(bad)) << bad;
}

TEST(TextParts, MatchShellPatterns) {
  for (auto [pattern, text] : {std::pair("libcublas.so.*[0-9]", "libcublas.so.12"),
                               {"*", ""},
                               {"a?c", "abc"},
                               {"libcufft.so.1[12]", "libcufft.so.11"},
                               {"[!a-c]x", "dx"},
                               {"a*b*c", "aXbYbZc"},
                               {"[", "["},
                               {"a[b", "a[b"},
                               {"[]]", "]"},
                               {"x[0-9][0-9].[0-9]", "x12.8"}})
    EXPECT_TRUE(matches_pattern(pattern, text)) << pattern << ' ' << text;
  for (auto [pattern, text] : {std::pair("libcublas.so.*[0-9]", "libcublas.so.x"),
                               {"", "a"},
                               {"a", ""},
                               {"a?c", "ac"},
                               {"libcufft.so.1[12]", "libcufft.so.13"},
                               {"[!a-c]x", "bx"},
                               {"a*b", "abc"},
                               {"libcublas.so.*[0-9]", "libcublasLt.so.12"},
                               {"[0-9", "1"}})
    EXPECT_FALSE(matches_pattern(pattern, text)) << pattern << ' ' << text;
  // Linear: many stars do not multiply.
  EXPECT_FALSE(matches_pattern("*a*a*a*a*a*a*a*a*a*a*a*a*b", std::string(20000, 'a')));
}

TEST(Readable, WhatIsNoTextOrIsObeyedByATerminalIsReplaced) {
  EXPECT_EQ(readable("lib.so 驱动 é 😀"), "lib.so 驱动 é 😀");
  EXPECT_EQ(readable("\xff\xc0\x80 \xed\xa0\x80 \xf4\x90\x80\x80"), "??? ??? ????");
  EXPECT_EQ(readable("\xe9\xa9"), "??");  // cut off
  EXPECT_EQ(readable("\x1b[31m\n\x7f"), "?[31m??");
  EXPECT_EQ(readable("a\nb\tc\x1b", "\n\t"), "a\nb\tc?");
  EXPECT_EQ(readable("\u009b1m \u202e \u2066 \ufeff"), "?1m ? ? ?");  // C1, and marks of direction
  EXPECT_EQ(readable(std::string_view("\0", 1)), "?");
  EXPECT_EQ(readable(""), "");
}

template <class S>
concept named = requires(S&& text) { base_name(std::forward<S>(text)); };
template <class S>
concept splittable = requires(S&& text) { split(std::forward<S>(text), ','); };

// A part of a temporary would outlive it.
static_assert(named<const std::string&> && !named<std::string>);
static_assert(splittable<const std::string&> && !splittable<std::string>);

}  // namespace
}  // namespace cufit
