// Programs that run with more rights than their user has (AT_SECURE): the search against the real loader.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "collect/live_files.h"
#include "loader/compare.h"

namespace cufit {
namespace {

using namespace test;

class Secure : public testing::Test {
 protected:
  void SetUp() override {
    if (!glibc_loader()) GTEST_SKIP() << "NOT TESTED: the loader of this machine is not that of glibc";
    if (!l.secure(l.program("try", {})))
      GTEST_SKIP() << "NOT TESTED: this user cannot make a set-group-ID program, or none is obeyed here";
    for (auto folder : {"x", "y", "z"}) l.lib(std::string(folder) + "/liba.so", {.soname = "liba.so"});
  }
  std::string program(const std::string& name, const test::Build& build) const {
    auto path = l.program(name, build);
    EXPECT_TRUE(l.secure(path));
    return path;
  }
  Lab l;
  Counts counts;
};

TEST_F(Secure, LibraryPathIsIgnored) {
  compare_secure({program("p", {.needed = {"liba.so"}, .runpath = l.path("x")}),
                  {"libc.so.6"},
                  {{"LD_LIBRARY_PATH", l.path("y")}}},
                 counts);
  // The same program without the bit.
  chmod(l.path("p").c_str(), 0755);
  compare({l.path("p"), {}, {{"LD_LIBRARY_PATH", l.path("y")}}}, counts);
}

TEST_F(Secure, OriginOfTheProgramIsNotTrusted) {
  auto rpath = "$ORIGIN/y:" + l.path("") + "$ORIGIN/y:${ORIGIN}/../y:" + l.path("x");
  compare_secure({program("p", {.needed = {"liba.so"}, .rpath = rpath})}, counts);
  compare_secure({program("q", {.needed = {"liba.so"}, .runpath = rpath})}, counts);
}

TEST_F(Secure, OriginOfALibraryCountsInFront) {
  l.lib("x/libb.so", {.needed = {"libc9.so"}, .soname = "libb.so", .runpath = "/x$ORIGIN:$ORIGIN/sub"});
  l.lib("x/sub/libc9.so", {.soname = "libc9.so"});
  compare_secure({program("p", {.needed = {"libb.so"}, .rpath = l.path("x")})}, counts);
}

TEST_F(Secure, NamesWithTokensEndTheProgram) {
  l.lib("x/libb.so", {.soname = "$ORIGIN/x/libb.so"});
  auto p = l.program("p", {.needed = {"$ORIGIN/x/libb.so"}});
  l.secure(p);
  auto loads = loads_of(p, {}, collect::LiveFiles(), settings_here({}));
  ASSERT_EQ(loads[2].name, "$ORIGIN/x/libb.so");
  EXPECT_EQ(loads[2].found, Found::not_found);
  EXPECT_EQ(loads[2].why.id, "loader.secure-token");
  auto ran = run({p});
  EXPECT_EQ(ran.status, 127);
  EXPECT_NE(ran.err.find("SUID/SGID"), std::string::npos) << ran.err;
}

TEST_F(Secure, DlopenWithTokens) {
  l.lib("x/libo.so", {.soname = "libo.so", .opens = true});
  l.lib("x/sub/libb.so", {.soname = "libb.so"});
  l.lib("sub/libb.so", {});
  compare_secure({program("p", {.needed = {"libo.so"}, .rpath = l.path("x")}),
                  {l.path("x/libo.so") + "|$ORIGIN/sub/libb.so", "$ORIGIN/sub/libb.so"}},
                 counts);
}

TEST_F(Secure, PreloadsNoPathAndOnlyWithTheBit) {
  for (auto name : {"libp.so", "libq.so"}) l.lib(std::string("x/") + name, {.soname = name});
  l.lib("y/libq.so", {.soname = "libq.so"});
  chmod(l.path("x/liba.so").c_str(), 04755);
  chmod(l.path("y/libq.so").c_str(), 04755);
  Env env{{"LD_PRELOAD", l.path("y/liba.so") + ":libp.so:libq.so:libgone.so"}};
  auto folders = l.path("x") + ":" + l.path("y");
  compare_secure({program("p", {.needed = {"liba.so", "libp.so"}, .rpath = folders}), {"libq.so"}, env},
                 counts);
  compare_secure({program("q", {.needed = {"liba.so"}, .runpath = folders}), {"libp.so"}, env}, counts);
}

TEST_F(Secure, BehindALink) {
  program("real/p", {.needed = {"liba.so"}, .runpath = l.path("x")});
  compare_secure({l.link("../real/p", "bin/p"), {}, {{"LD_LIBRARY_PATH", l.path("y")}}}, counts);
}

}  // namespace
}  // namespace cufit
