// What changes the answers from outside of the search: audit libraries, and a loader that is named by a
// relative path.
#include <gtest/gtest.h>

#include <algorithm>

#include "base/text.h"
#include "collect/live_files.h"
#include "loader/compare.h"
#include "loader/stops.h"

namespace cufit {
namespace {

using namespace test;

class Audit : public testing::Test {
 protected:
  void SetUp() override {
    if (!glibc_loader()) GTEST_SKIP() << "NOT TESTED: the loader of this machine is not that of glibc";
    l.lib("a/liba.so", {.soname = "liba.so"});
    auditor = l.lib("audit/libaudit.so", {.soname = "libaudit.so"});
  }

  std::vector<Load> loads(const std::string& program, const Env& env = {}) const {
    collect::LiveFiles files;
    auto loads = loads_of(program, {}, files, settings_here(env));
    EXPECT_EQ(loads_of(program, {}, files.index(), settings_here(env)), loads) << "from the index";
    return loads;
  }

  /// Everything that the program needs is told to be unknown for this library.
  void expect_unknown(const std::vector<Load>& loads, const std::string& library) const {
    size_t unknown = 0;
    for (auto& load : loads) {
      if (load.found != Found::unknown) continue;
      unknown++;
      EXPECT_EQ(load.why, (Text{"loader.audit", {{"library", library}}}));
    }
    EXPECT_GE(unknown, 2u) << "liba.so and libc.so.6";
    EXPECT_TRUE(std::ranges::none_of(loads, [](auto& load) { return load.soname == "liba.so"; }));
  }

  Lab l;
  std::string auditor;
};

TEST_F(Audit, ByTheVariable) {
  auto program = l.program("p", {.needed = {"liba.so"}, .rpath = l.path("a")});
  expect_unknown(loads(program, {{"LD_AUDIT", "/nowhere/x.so:" + auditor}}), auditor);
  expect_unknown(loads(program, {{"LD_AUDIT", "libaudit.so"}, {"LD_LIBRARY_PATH", l.path("audit")}}),
                 auditor);
}

TEST_F(Audit, ByTheProgram) {
  for (auto* flag : {"-Wl,--audit=", "-Wl,--depaudit="}) {
    SCOPED_TRACE(flag);
    auto program = l.program("p", {.needed = {"liba.so"}, .rpath = l.path("a"), .flags = {flag + auditor}});
    expect_unknown(loads(program), auditor);
  }
}

TEST_F(Audit, OneThatIsNotThereIsLeftOut) {
  Counts counts;
  auto program = l.program("p", {.needed = {"liba.so"}, .rpath = l.path("a")});
  compare({.program = program, .env = {{"LD_AUDIT", "/nowhere/x.so:libnothere.so"}}}, counts);
  EXPECT_EQ(counts.unknown, 0u);
  EXPECT_GT(counts.answers, 1u);
}

TEST_F(Audit, OfALibraryItIsNotAsked) {
  Counts counts;
  l.lib("b/libb.so", {.needed = {"liba.so"}, .soname = "libb.so", .flags = {"-Wl,--audit=" + auditor}});
  compare({.program = l.program("p", {.needed = {"libb.so"}, .rpath = l.path("b") + ":" + l.path("a")})},
          counts);
  EXPECT_EQ(counts.unknown, 0u);
  EXPECT_GT(counts.answers, 1u);
}

TEST_F(Audit, ARelativeLoaderIsLookedForInTheWorkingDirectory) {
  auto program = l.program("p", {.needed = {"liba.so"},
                                 .rpath = l.path("a"),
                                 .flags = {"-Wl,--dynamic-linker=here/ld-linux-x86-64.so.2"}});
  auto in = [&](const std::string& cwd) {
    auto settings = settings_here({});
    settings.cwd = cwd;
    collect::LiveFiles files;
    auto loads = loads_of(program, {}, files, settings);
    tell_what_stops(loads);
    return loads.back();
  };
  auto missing = in(l.path("."));
  EXPECT_EQ(missing.why.id, "loader.missing-here");
  EXPECT_TRUE(missing.stops);
  EXPECT_NE(run({program}, {}, {.cwd = l.path(".")}).status, 0);
  EXPECT_EQ(in("").why.id, "loader.relative") << "from where it is started is not known";
  EXPECT_EQ(in("").found, Found::unknown);
}

}  // namespace
}  // namespace cufit
