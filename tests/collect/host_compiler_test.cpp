#include "collect/host_compiler.h"

#include <gtest/gtest.h>

#include "collect/scratch.h"

namespace cufit::collect {
namespace {

using test::Scratch;
namespace fs = std::filesystem;
using Env = std::map<std::string, std::string>;

void program(const Scratch& s, const std::string& name) {
  fs::permissions(s.write(name, "#!"), fs::perms::owner_all | fs::perms::others_exec);
}
std::string compiler(const Scratch& s, const Env& env = {{"PATH", "/usr/local/bin:/usr/bin"}}) {
  auto c = find_compiler(Root(s.path()), env);
  return c ? *c + " at " + c.from.where : "-";
}

TEST(HostCompiler, NamesOfPrograms) {
  EXPECT_EQ(compiler_of_name("x86_64-linux-gnu-gcc-12"), "gcc 12");
  EXPECT_EQ(compiler_of_name("gcc-4.8"), "gcc 4.8");
  EXPECT_EQ(compiler_of_name("clang-19"), "clang 19");
  for (auto* name :
       {"gcc", "cc", "clang", "cc-12", "ccache", "gccgo-12", "clang++-19", "gcc-ar-12x", "", "-12"})
    EXPECT_FALSE(compiler_of_name(name)) << name;
}

TEST(HostCompiler, DebiansLinks) {
  Scratch s;
  program(s, "usr/bin/x86_64-linux-gnu-gcc-12");
  fs::create_symlink("x86_64-linux-gnu-gcc-12", s.path("usr/bin/gcc-12"));
  fs::create_symlink("gcc-12", s.path("usr/bin/gcc"));
  EXPECT_EQ(compiler(s), "gcc 12 at /usr/bin/gcc");
  // "cc" alone, through the alternatives.
  fs::rename(s.path("usr/bin/gcc"), s.path("usr/bin/gcc2"));
  fs::create_directories(s.path("etc/alternatives"));
  fs::create_symlink("/usr/bin/gcc2", s.path("etc/alternatives/cc"));
  fs::create_symlink("/etc/alternatives/cc", s.path("usr/bin/cc"));
  EXPECT_EQ(compiler(s), "gcc 12 at /usr/bin/cc");
}

TEST(HostCompiler, WhereTheProgramSaysNoVersionItsFilesDo) {
  Scratch s;
  program(s, "usr/bin/gcc");
  EXPECT_EQ(compiler(s), "gcc at /usr/bin/gcc");
  fs::create_directories(s.path("usr/lib/gcc/x86_64-redhat-linux/11/include"));
  EXPECT_EQ(compiler(s), "gcc 11 at /usr/bin/gcc");
  fs::create_directories(s.path("usr/lib/gcc/x86_64-redhat-linux/13/include"));
  EXPECT_EQ(compiler(s), "gcc at /usr/bin/gcc") << "two: which one is not known";
}

TEST(HostCompiler, TheVariableAndThePathDecide) {
  Scratch s;
  program(s, "usr/bin/gcc-12");
  program(s, "usr/bin/clang-19");
  fs::create_symlink("clang-19", s.path("usr/bin/clang"));
  EXPECT_EQ(compiler(s), "clang 19 at /usr/bin/clang");
  Env env = {{"PATH", "/usr/bin"}, {"CC", "gcc-12 -O2"}};
  EXPECT_EQ(compiler(s, env), "gcc 12 at /usr/bin/gcc-12");
  env["CC"] = "/usr/bin/gcc-12";
  EXPECT_EQ(compiler(s, env), "gcc 12 at /usr/bin/gcc-12");
  env["CC"] = "/opt/gone/gcc";
  EXPECT_EQ(compiler(s, env), "-");
  EXPECT_EQ(compiler(s, {{"PATH", "/nowhere:relative:"}}), "-");
}

TEST(HostCompiler, WhatCannotBeRunIsNone) {
  Scratch s;
  s.write("usr/bin/gcc", "not executable");
  fs::create_directories(s.path("usr/local/bin/gcc"));
  EXPECT_EQ(compiler(s), "-");
}

}  // namespace
}  // namespace cufit::collect
