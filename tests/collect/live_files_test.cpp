#include "collect/live_files.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "collect/ordinary_user.h"
#include "collect/scratch.h"
#include "formats/build.h"
#include "formats/ld_cache_writer.h"

namespace cufit::collect {
namespace {

using namespace test;
using Kind = IndexedFile::Kind;

std::string library(const std::string& soname) { return elf({.soname = soname}).bytes; }

TEST(LiveFiles, LinksStayInTheRoot) {
  Scratch s;
  s.write("opt/real/liba.so", library("liba.so"));
  fs::create_directory_symlink("/opt/real", s.path("opt/absolute"));
  fs::create_directory_symlink("../../../../../../opt/real", s.path("opt/above"));
  fs::create_symlink("absolute/liba.so", s.path("opt/chain.so"));
  LiveFiles files(s.path());
  for (auto path : {"/opt/real/liba.so", "/opt/absolute/liba.so", "/opt/above/liba.so", "/opt/chain.so",
                    "/opt/absolute/../real/liba.so", "/../../opt/real/liba.so"}) {
    auto f = files.look(path);
    ASSERT_TRUE(f) << path;
    EXPECT_EQ(f->kind, Kind::file) << path;
    EXPECT_EQ(f->real, "/opt/real/liba.so") << path;
    ASSERT_TRUE(f->object) << path;
    EXPECT_EQ(f->object->dyn.soname, "liba.so");
  }
  EXPECT_EQ(files.look("/opt")->kind, Kind::directory);
  EXPECT_EQ(files.look("/")->kind, Kind::directory);
  EXPECT_EQ(files.look(s.path("opt"))->kind, Kind::absent) << "the root is the root";
  EXPECT_FALSE(files.look("relative"));
}

TEST(LiveFiles, NamesOfAFolderAreRemembered) {
  Scratch s;
  s.write("site/nvidia/cublas/lib/libcublas.so.12", library("libcublas.so.12"));
  s.write("site/nvidia/cublas/lib/libcublasLt.so.12", library("libcublasLt.so.12"));
  fs::create_directory_symlink("/site", s.path("link"));
  LiveFiles files(s.path());
  using Names = std::vector<std::string>;
  EXPECT_EQ(files.names("/link/nvidia/cublas/lib", "libcublas.so.*[0-9]"), Names{"libcublas.so.12"});
  EXPECT_EQ(files.names("/link/nvidia/cudnn/lib", "libcudnn.so.*"), Names{});
  EXPECT_EQ(files.names("/site/nvidia/cublas/lib", "lib*")->size(), 2u);
  EXPECT_EQ(files.names("relative", "*"), std::nullopt);
  auto index = files.index();
  EXPECT_EQ(index.names("/link/nvidia/cublas/lib", "libcublas.so.*[0-9]"), Names{"libcublas.so.12"});
  EXPECT_EQ(index.names("/link/nvidia/cudnn/lib", "libcudnn.so.*"), Names{});
  EXPECT_EQ(index.names("/link/nvidia/cublas/lib", "other"), std::nullopt);
}

TEST(LiveFiles, NothingBlocksAndCirclesEnd) {
  Scratch s;
  s.write("l/text.so", "INPUT(-lc)");
  s.write("l/libempty.so", "");
  mkfifo(s.path("l/fifo.so").c_str(), 0600);
  fs::create_symlink("b.so", s.path("l/a.so"));
  fs::create_symlink("a.so", s.path("l/b.so"));
  fs::create_symlink("self/self", s.path("l/self"));
  fs::create_symlink("nothing", s.path("l/dangling.so"));
  LiveFiles files(s.path());
  EXPECT_EQ(files.look("/l/fifo.so")->kind, Kind::other);
  EXPECT_EQ(files.look("/l/fifo.so")->unreadable, "");
  EXPECT_EQ(files.look("/l/a.so")->unreadable, "ELOOP");
  EXPECT_EQ(files.look("/l/self/x.so")->unreadable, "ELOOP");
  EXPECT_EQ(files.look("/l/dangling.so")->kind, Kind::absent);
  EXPECT_EQ(files.look("/l/text.so")->unreadable, "file too short");
  EXPECT_EQ(files.look("/l/libempty.so")->unreadable, "file too short");
  EXPECT_EQ(files.look("/l/text.so/below.so")->kind, Kind::absent);
  EXPECT_EQ(files.look("/" + std::string(5000, 'x'))->unreadable, "ENAMETOOLONG");
  std::string deep;
  for (int i = 0; i < 2000; i++) deep += "/a";
  EXPECT_EQ(files.look(deep)->kind, Kind::absent);
}

TEST(LiveFiles, NamesOfOneFile) {
  Scratch s;
  s.write("a.so", library("a"));
  s.write("other.so", library("a"));
  fs::create_hard_link(s.path("a.so"), s.path("b.so"));
  LiveFiles files(s.path());
  EXPECT_NE(files.look("/a.so")->hard_link, "");
  EXPECT_EQ(files.look("/a.so")->hard_link, files.look("/b.so")->hard_link);
  EXPECT_EQ(files.look("/other.so")->hard_link, "");
}

TEST(LiveFiles, WhatMayNotBeReadIsNotAbsent) {
  Scratch s;
  s.write("closed/liba.so", library("liba.so"));
  s.write("open/libb.so", library("libb.so"));
  s.write("unlisted/libc.so", library("libc.so"));
  fs::permissions(s.path(), fs::perms(0755));
  fs::permissions(s.path("open/libb.so"), fs::perms::none);
  fs::permissions(s.path("closed"), fs::perms::none);
  fs::permissions(s.path("unlisted"), fs::perms(0111));
  {
    OrdinaryUser user;
    if (!user) GTEST_SKIP() << kStaysRoot;
    LiveFiles files(s.path());
    EXPECT_EQ(files.look("/closed/liba.so")->unreadable, "EACCES");
    EXPECT_EQ(files.look("/closed/liba.so")->kind, Kind::other);
    EXPECT_EQ(files.look("/open/libb.so")->unreadable, "EACCES");
    EXPECT_EQ(files.look("/open/libb.so")->kind, Kind::file);
    EXPECT_TRUE(files.look("/unlisted/libc.so")->object) << "a folder that can be entered, not listed";
    EXPECT_EQ(files.look("/unlisted/libd.so")->kind, Kind::absent);
    auto index = files.index();
    EXPECT_EQ(*index.look("/closed/liba.so"), *files.look("/closed/liba.so"));
  }
  for (auto folder : {"closed", "unlisted"}) fs::permissions(s.path(folder), fs::perms::owner_all);
}

TEST(LiveFiles, TheIndexAnswersWhatWasAskedAndNothingElse) {
  Scratch s;
  s.write("l/liba.so", library("liba.so"));
  s.write("l/libb.so", library("libb.so"));
  fs::create_symlink("liba.so", s.path("l/link.so"));
  s.write("etc/ld.so.cache", new_cache({.lines = {{"liba.so", "/l/liba.so"}}}));
  LiveFiles files(s.path());
  for (auto path : {"/l/liba.so", "/l/link.so", "/l/libnot.so", "/no/where/lib.so", "/l/liba.so/x.so", "/l"})
    files.look(path);
  ASSERT_TRUE(files.ld_cache());
  auto index = files.index();
  for (auto path : {"/l/liba.so", "/l/link.so", "/l/libnot.so", "/no/where/lib.so", "/l/liba.so/x.so", "/l"})
    EXPECT_EQ(*index.look(path), *files.look(path)) << path;
  EXPECT_FALSE(index.look("/l/libb.so")) << "it is there, but nobody asked";
  EXPECT_EQ(*index.look("/no/other/file"), IndexedFile{}) << "the folder above is not there";
  EXPECT_TRUE(index.files.contains("/no")) << "one entry for all that would lie below";
  EXPECT_EQ(index.ld_cache(), files.ld_cache());
  EXPECT_EQ(index.ld_cache()->front().path, "/l/liba.so");
}

TEST(LiveFiles, ACacheThatIsNotThereAndADamagedOne) {
  Scratch s;
  LiveFiles none(s.path());
  EXPECT_TRUE(std::holds_alternative<Absent>(none.ld_cache().is));
  EXPECT_EQ(none.ld_cache().from.where, "/etc/ld.so.cache");
  s.write("etc/ld.so.cache", "glibc-ld.so.cache1.1 and no more");
  LiveFiles damaged(s.path());
  auto* why = std::get_if<Unreadable>(&damaged.ld_cache().is);
  ASSERT_TRUE(why);
  EXPECT_EQ(why->why, "at 0x20: expected a header of 48 bytes");
}

TEST(LiveFiles, ACacheWhoseExtensionsAreDamagedKeepsItsEntries) {
  Scratch s;
  auto bytes =
      new_cache({.lines = {{"libb.so", "/l/v3/libb.so", 0x303, 0, "x86-64-v3"}, {"liba.so", "/l/liba.so"}},
                 .levels = {"x86-64-v3"}});
  bytes[32] ^= 1;
  s.write("etc/ld.so.cache", bytes);
  LiveFiles files(s.path());
  ASSERT_TRUE(files.ld_cache());
  ASSERT_EQ(files.ld_cache()->size(), 2u);
  EXPECT_EQ(files.ld_cache()->front().level, "?");
  EXPECT_EQ(files.ld_cache()->back().path, "/l/liba.so");
  EXPECT_EQ(files.cache_damage(), "at 0x20: expected the offset of the directory of extensions");
}

TEST(LiveFiles, ALoaderSaysHowItWasBuilt) {
  Scratch s;
  std::string texts = std::string("/lib64/") + '\0' + "/usr/lib64/" + '\0' + "/etc/ld.so.cache" + '\0';
  s.write("lib64/ld-2.28.so",
          elf({.sections = {{".rodata", texts}}, .soname = "ld-linux-x86-64.so.2"}).bytes);
  fs::create_symlink("ld-2.28.so", s.path("lib64/ld-linux-x86-64.so.2"));
  auto f = LiveFiles(s.path()).look("/lib64/ld-linux-x86-64.so.2");
  ASSERT_TRUE(f && f->object && f->object->loader);
  EXPECT_EQ(f->object->loader->folders, (std::vector<std::string>{"/lib64", "/usr/lib64"}));
  EXPECT_EQ(f->object->loader->version, "2.28") << "by its name";
}

}  // namespace
}  // namespace cufit::collect
