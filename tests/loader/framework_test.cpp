// Imports that end: what is answered as loaded, and what ends them, beside a process that the real loader
// serves.
#include "loader/framework.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "base/text.h"
#include "collect/live_files.h"
#include "loader/real_loader.h"

namespace cufit {
namespace {

using namespace test;
using Names = std::set<std::string>;

/// A "framework" of three libraries that its import opens by path, in the folder pkg, and one that is opened
/// by name when the first of them is used.
class Import : public testing::Test {
 protected:
  void SetUp() override {
    if (!glibc_loader()) GTEST_SKIP() << "NOT TESTED: the loader of this machine is not that of glibc";
    lib("first.so", {.needed = {"libshared.so"}, .opens = true});
    lib("libshared.so", {.soname = "libshared.so", .versions = {"V1"}});
    lib("behind.so", {.needed = {"libbehind.so"}});
    lib("libbehind.so", {.soname = "libbehind.so"});
    lib("libuse.so", {.soname = "libuse.so"});
    python = l.program("python", {});
  }
  void lib(const std::string& name, test::Build build) const {
    build.runpath = "$ORIGIN";
    l.lib("pkg/" + name, build);
  }

  Opening import() const {
    using Trouble = OpenStep::Trouble;
    Framework framework{"framework 1.0", {}};
    for (auto* name : {"first.so", "second.so", "behind.so"})
      framework.steps.push_back(
          {.folders = {"pkg"}, .names = {name}, .missing = Trouble::fail, .broken = Trouble::fail});
    framework.steps.push_back({.use = "its use", .by = "first.so", .names = {"libuse.so"}});
    return open_framework(framework, {python, {l.path()}}, collect::LiveFiles(), settings_here({}),
                          [](auto&, auto&) { return std::string(); });
  }
  /// The same calls of dlopen up to the second step, which fails.
  Ran process() const { return run({python, l.path("pkg/first.so"), l.path("pkg/second.so")}); }

  Lab l;
  std::string python;
};

bool is_program(const Load& l) { return base_name(std::string_view(l.name)) == "python"; }
Names names(const Opening& opening, bool (*is)(const Load&)) {
  Names names;
  for (auto& load : opening.loads)
    if (is(load) && !is_program(load)) names.emplace(base_name(std::string_view(load.name)));
  return names;
}
bool is_loaded(const Load& l) {
  return l.found != Found::not_found && l.found != Found::unknown && l.missing_versions.empty();
}
bool stops(const Load& l) { return l.stops; }
bool is_told(const Load&) { return true; }

/// What is in the process in the end.
Names mapped(const Ran& ran) {
  Names names;
  for (auto line : split(std::string_view(ran.out), '\n'))
    if (line.starts_with("map /")) names.emplace(base_name(line));
  return names;
}

TEST_F(Import, EndsWhereALibraryIsMissing) {
  lib("second.so", {.needed = {"libgone.so", "libshared.so"}});
  auto ran = process();
  ASSERT_NE(ran.out.find("libgone.so: cannot open shared object file"), ran.out.npos) << ran.out;
  auto opening = import();
  EXPECT_TRUE(opening.ends);
  EXPECT_EQ(names(opening, stops), Names{"libgone.so"});
  auto loaded = names(opening, is_loaded);
  EXPECT_TRUE(std::ranges::includes(loaded, mapped(ran))) << ran.out;
  EXPECT_TRUE(loaded.contains("libshared.so"));
  for (auto* name : {"behind.so", "libbehind.so", "libuse.so", "libgone.so"})
    EXPECT_FALSE(loaded.contains(name)) << name;
  for (auto* name : {"behind.so", "libbehind.so", "libuse.so"})
    EXPECT_FALSE(names(opening, is_told).contains(name)) << name << " was never asked for";
}

TEST_F(Import, EndsWhereALibraryLacksAVersionOfSymbols) {
  lib("second.so", {.needed = {"libshared.so"}, .wants = {{"libshared.so", {"V2"}}}});
  auto ran = process();
  ASSERT_NE(ran.out.find("version `V2' not found (required by " + l.path("pkg/second.so")), ran.out.npos)
      << ran.out;
  auto opening = import();
  EXPECT_TRUE(opening.ends);
  auto stop = std::ranges::find_if(opening.loads, stops);
  ASSERT_NE(stop, opening.loads.end());
  EXPECT_EQ(stop->name, "libshared.so");
  EXPECT_EQ(stop->by, l.path("pkg/second.so"));
  EXPECT_EQ(stop->missing_versions, std::vector<std::string>{"V2"});
  EXPECT_EQ(names(opening, stops), Names{"libshared.so"});
  for (auto* name : {"behind.so", "libbehind.so", "libuse.so"})
    EXPECT_FALSE(names(opening, is_told).contains(name)) << name << " was never asked for";
}

TEST_F(Import, EndsWhereItsOwnFileIsMissing) {
  auto opening = import();
  EXPECT_TRUE(opening.ends);
  EXPECT_EQ(names(opening, stops), Names{}) << "it may lie where nobody looked";
  auto second = std::ranges::find(opening.loads, "second.so", &Load::name);
  ASSERT_NE(second, opening.loads.end());
  EXPECT_EQ(second->found, Found::not_found);
  EXPECT_FALSE(names(opening, is_told).contains("behind.so"));
  EXPECT_EQ(names(opening, is_loaded), mapped(run({python, l.path("pkg/first.so")})));
}

TEST_F(Import, WhereNobodyKnowsTheFoldersNothingIsMissing) {
  Framework framework{"framework 1.0", {{.folders = {"pkg"}, .names = {"first.so"}}}};
  framework.steps[0].missing = OpenStep::Trouble::fail;
  auto opening = open_framework(framework, {python, {}}, collect::LiveFiles(), settings_here({}),
                                [](auto&, auto&) { return std::string(); });
  EXPECT_FALSE(opening.ends);
  EXPECT_EQ(opening.loads.back().name, "first.so");
  EXPECT_EQ(opening.loads.back().found, Found::unknown);
}

TEST_F(Import, EndsBeforeItBeginsWherePythonDoesNotStart) {
  lib("second.so", {});
  for (bool version : {false, true}) {
    if (version) lib("libpython.so", {.soname = "libpython.so", .versions = {"P1"}});
    python = l.program(
        "python",
        {.needed = {"libpython.so"}, .runpath = "$ORIGIN/pkg", .wants = {{"libpython.so", {"P2"}}}});
    auto ran = process();
    ASSERT_NE(ran.status, 0) << ran.out;
    ASSERT_NE(ran.err.find("libpython.so"), ran.err.npos) << ran.err;
    auto opening = import();
    EXPECT_TRUE(opening.ends);
    EXPECT_EQ(names(opening, stops), Names{"libpython.so"});
    EXPECT_TRUE(opening.opened.empty());
    EXPECT_FALSE(names(opening, is_told).contains("first.so"));
  }
}

TEST_F(Import, APreloadThatIsMissingEndsNothing) {
  lib("second.so", {});
  lib("libpython.so", {.soname = "libpython.so"});
  for (auto* name : {"/gone/libpreload.so", "libpreload.so"}) {
    auto settings = settings_here({{"LD_PRELOAD", name}});
    auto opening = open_framework({"framework 1.0", {{.names = {"libc.so.6"}}}}, {python, {}},
                                  collect::LiveFiles(), settings, [](auto&, auto&) { return std::string(); });
    EXPECT_EQ(run({python}, settings.env).status, 0);
    EXPECT_FALSE(opening.ends);
    EXPECT_EQ(names(opening, stops), Names{});
    EXPECT_FALSE(opening.opened.empty());
  }
}

TEST_F(Import, GoesThroughWhereAllIsThere) {
  lib("second.so", {.needed = {"libshared.so"}, .wants = {{"libshared.so", {"V1"}}}});
  auto opening = import();
  EXPECT_FALSE(opening.ends);
  EXPECT_EQ(names(opening, stops), Names{});
  auto ran = run({python, l.path("pkg/first.so"), l.path("pkg/second.so"), l.path("pkg/behind.so"),
                  l.path("pkg/first.so") + "|libuse.so"});
  EXPECT_EQ(names(opening, is_loaded), mapped(ran)) << ran.out;
}

}  // namespace
}  // namespace cufit
