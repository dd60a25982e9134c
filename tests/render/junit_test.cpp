// JUnit XML as CI systems read it.
#include <gtest/gtest.h>

#include "render/golden.h"
#include "render/markup.h"
#include "render/render.h"
#include "render/samples.h"

namespace cufit::render {
namespace {

size_t count(const std::string& text, std::string_view what) {
  size_t n = 0;
  for (size_t at = 0; (at = text.find(what, at)) != text.npos; at++) n++;
  return n;
}

TEST(Junit, Golden) {
  expect_golden("unfit.en.xml", to_junit(samples::driver_too_old(), {}));
  expect_golden("groups.en.xml", to_junit(samples::fleet_of_groups(), {}));
  expect_golden("groups.zh.xml", to_junit(samples::fleet_of_groups(), {.lang = Lang::zh}));
}

TEST(Junit, CountsAreThoseOfTheCases) {
  for (auto fail_on : {FailOn::unfit, FailOn::limited}) {
    auto xml = to_junit(samples::fleet_of_groups(), {.fail_on = fail_on});
    EXPECT_EQ(count(xml, "<testcase"), 9u);  // eight cells and a group that could not be read
    auto failures = fail_on == FailOn::limited ? 3u : 2u;
    EXPECT_EQ(count(xml, "<failure"), failures);
    EXPECT_EQ(count(xml, "<skipped"), 1u);
    EXPECT_EQ(count(xml, "<error"), 1u);
    EXPECT_NE(
        xml.find("tests=\"9\" failures=\"" + std::to_string(failures) + "\" errors=\"1\" skipped=\"1\""),
        xml.npos);
  }
}

// https://www.w3.org/TR/xml/#charsets: no control characters but tab and line ends, no U+FFFE, no U+FFFF.
TEST(Junit, NothingThatXmlForbidsComesThrough) {
  EXPECT_EQ(escaped("<a href=\"x\" b='y'>&</a>"),
            "&lt;a href=&quot;x&quot; b=&#39;y&#39;&gt;&amp;&lt;/a&gt;");
  EXPECT_EQ(escaped(std::string("\0\x01\x1b", 3)), "\\x00\\x01\\x1b");
  EXPECT_EQ(escaped("a\xff\xc0z"), "a\\xff\\xc0z");
  EXPECT_EQ(escaped("\xEF\xBF\xBE|\xEF\xBF\xBF|\xEF\xBF\xBD"), "\\ufffe|\\uffff|\xEF\xBF\xBD");
  EXPECT_EQ(escaped("内核 ü"), "内核 ü");
  auto report = samples::driver_too_old();
  for (int c = 1; c < 256; c++) report.subjects[0].name += char(c);
  auto xml = to_junit(report, {});
  for (unsigned char c : xml) EXPECT_TRUE(c >= 0x20 || c == '\n') << int(c);
}

}  // namespace
}  // namespace cufit::render
