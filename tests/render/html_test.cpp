// The HTML page.
#include <gtest/gtest.h>

#include <set>

#include "render/golden.h"
#include "render/render.h"
#include "render/samples.h"

namespace cufit::render {
namespace {

/// All values of an attribute, with the text before them cut off.
std::vector<std::string> values(const std::string& page, const std::string& attribute) {
  std::vector<std::string> all;
  auto begin = attribute + "=\"";
  for (size_t at = 0; (at = page.find(begin, at)) != page.npos;) {
    at += begin.size();
    all.push_back(page.substr(at, page.find('"', at) - at));
  }
  return all;
}

TEST(Html, Golden) {
  expect_golden("groups.en.html", to_html(samples::fleet_of_groups(), {}));
  expect_golden("groups.zh.html", to_html(samples::fleet_of_groups(), {.lang = Lang::zh}));
}

TEST(Html, NeedsNothingFromOutsideAndRunsNothing) {
  for (auto& report : {samples::fleet_of_groups(), samples::driver_too_old(), samples::no_driver()}) {
    auto page = to_html(report, {});
    for (auto* forbidden : {"<script", "src=", "@import", "url(", "<link", "<iframe", " onclick", "http://"})
      EXPECT_EQ(page.find(forbidden), page.npos) << forbidden;
    for (auto& target : values(page, "href")) EXPECT_TRUE(target.starts_with("#c")) << target;
  }
}

TEST(Html, EveryLinkHasItsReason) {
  for (auto& report : {samples::fleet_of_groups(), samples::fleet()}) {
    auto page = to_html(report, {});
    std::set<std::string> ids;
    for (auto& id : values(page, "details id")) EXPECT_TRUE(ids.insert(id).second) << id;
    auto links = values(page, "href");
    EXPECT_FALSE(links.empty());
    for (auto& link : links) EXPECT_TRUE(ids.contains(link.substr(1))) << link;
  }
}

TEST(Html, HostileNamesStayText) {
  auto report = samples::driver_too_old();
  std::string evil = "</title><script>alert(1)</script>\" onmouseover='x'";
  report.subjects[0].name = report.subjects[0].path = report.subjects[0].version = evil;
  report.machine.gpus[0].name = {evil, {}};
  report.findings[0].remedies[0].commands = {evil};
  report.judgements[0].why.text = samples::said(evil.c_str());
  report.unread = {{evil, {}, samples::said(evil.c_str())}};
  for (auto& page : {to_html(report, {}), to_junit(report, {})}) {
    EXPECT_EQ(page.find("<script"), page.npos);
    EXPECT_EQ(page.find("\" onmouseover"), page.npos);
    EXPECT_NE(page.find("&lt;script&gt;alert(1)"), page.npos);
  }
}

}  // namespace
}  // namespace cufit::render
