#include "collect/cache.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <thread>

#include "collect/environment_scratch.h"
#include "collect/serial.h"
#include "collect/target.h"

namespace cufit::collect {
namespace {

using namespace test;

/// An environment of two packages, with a cache of its own that takes fresh files as settled.
class CacheTest : public testing::Test {
 protected:
  CacheTest() {
    make_venv(s);
    install(
        s, kSite,
        {.name = "a", .version = "1", .files = {{"a/a.so", gpu_library(80)}, {"a/b.so", host_library()}}});
    install(s, kSite, {.name = "b", .version = "1", .files = {{"b/b.so", gpu_library(80)}}});
  }

  struct Answer {
    std::vector<Subject> subjects;
    uint64_t files_opened = 0;
  };
  Answer read(bool cache = true) {
    Progress progress;
    Options options{.progress = &progress,
                    .cache = cache,
                    .cache_folder = folder.path("made/when/needed"),
                    .settling = settling};
    auto subjects = read_target(s.path("venv"), options);
    EXPECT_TRUE(subjects);
    return {std::move(*subjects), progress.files};
  }
  std::string cache_file() {
    for (auto& f : fs::directory_iterator(folder.path("made/when/needed"))) return f.path().string();
    return {};
  }
  static unsigned arch(const Answer& a, size_t subject) {
    return a.subjects.at(subject).members.at(0).bin.shapes.at(0).images.at(0).target.number();
  }

  Scratch s, folder;
  int64_t settling = -1'000'000'000;
};

TEST_F(CacheTest, TheSecondAnswerIsTheSameAndOpensNothing) {
  auto first = read();
  EXPECT_EQ(first.files_opened, 3u);
  auto second = read();
  EXPECT_EQ(second.files_opened, 0u);
  EXPECT_EQ(second.subjects, first.subjects);
  EXPECT_EQ(read(false).files_opened, 3u) << "without a cache";
}

TEST_F(CacheTest, AChangedFileIsReadAgainAndNoOther) {
  read();
  s.write(kSite + "/b/b.so", gpu_library(90));
  auto again = read();
  EXPECT_EQ(again.files_opened, 1u);
  EXPECT_EQ(arch(again, 0), 80u);
  EXPECT_EQ(arch(again, 1), 90u);
  EXPECT_EQ(again.subjects, read(false).subjects);
  EXPECT_EQ(read().files_opened, 0u) << "kept again";
}

TEST_F(CacheTest, SameSizeAndTimeButAnotherContentIsSeen) {
  read();
  auto path = s.path(kSite + "/b/b.so");
  struct stat st;
  ASSERT_EQ(stat(path.c_str(), &st), 0);
  ASSERT_EQ(gpu_library(90).size(), uint64_t(st.st_size));
  s.write(kSite + "/b/b.so", gpu_library(90));
  const timespec times[2] = {st.st_atim, st.st_mtim};
  ASSERT_EQ(utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
  EXPECT_EQ(arch(read(), 1), 90u);
}

TEST_F(CacheTest, AddedAndRemovedFilesAreSeen) {
  read();
  s.write(kSite + "/hand/made.so", gpu_library(90));
  auto more = read();
  ASSERT_EQ(more.subjects.size(), 3u);
  EXPECT_EQ(arch(more, 2), 90u);
  fs::remove(s.path(kSite + "/a/a.so"));
  auto less = read();
  EXPECT_TRUE(less.subjects.at(0).members.empty());
  EXPECT_EQ(less.subjects, read(false).subjects);
}

TEST_F(CacheTest, ChangedMetadataAreSeen) {
  read();
  s.write(kSite + "/a-1.dist-info/METADATA", "Name: other\nVersion: 2\n\n");
  EXPECT_EQ(read().subjects.at(0).name, "other");
  s.write(kSite + "/a-1.dist-info/RECORD", "a/a.so,,\na/gone.so,,\n");
  EXPECT_EQ(read().subjects.at(0).unread.size(), 1u);
  s.write(kSite + "/a/gone.so", gpu_library(80));
  EXPECT_TRUE(read().subjects.at(0).unread.empty());
  s.write(kSite + "/other/version.py", "v = '2+cu130'\n");
  EXPECT_EQ(read().subjects.at(0).version, "2+cu130");
}

TEST_F(CacheTest, AFileBehindALinkIsLookedAt) {
  Scratch outside;
  outside.write("o.so", gpu_library(80));
  fs::remove(s.path(kSite + "/b/b.so"));
  fs::create_symlink(outside.path("o.so"), s.path(kSite + "/b/b.so"));
  EXPECT_EQ(arch(read(), 1), 80u);
  EXPECT_EQ(read().files_opened, 0u);
  outside.write("o.so", gpu_library(90));
  EXPECT_EQ(arch(read(), 1), 90u);
}

TEST_F(CacheTest, AFileThatIsRenamedOverAnotherIsSeen) {
  read();
  auto path = s.path(kSite + "/b/b.so");
  struct stat st;
  ASSERT_EQ(stat(path.c_str(), &st), 0);
  s.write("other.so", gpu_library(90));
  const timespec times[2] = {st.st_atim, st.st_mtim};
  ASSERT_EQ(utimensat(AT_FDCWD, s.path("other.so").c_str(), times, 0), 0);
  fs::rename(s.path("other.so"), path);
  EXPECT_EQ(arch(read(), 1), 90u);
}

TEST_F(CacheTest, ALinkThatLeadsElsewhereNowIsSeen) {
  Scratch outside;
  outside.write("old.so", gpu_library(80));
  outside.write("new.so", gpu_library(90));
  auto link = s.path(kSite + "/b/b.so");
  fs::remove(link);
  fs::create_symlink(outside.path("old.so"), link);
  EXPECT_EQ(arch(read(), 1), 80u);
  fs::remove(link);
  fs::create_symlink(outside.path("new.so"), link);
  EXPECT_EQ(arch(read(), 1), 90u);
}

TEST_F(CacheTest, WhatChangedJustNowIsNotTakenAsUnchanged) {
  settling = 3600'000'000'000;
  read();
  EXPECT_EQ(read().files_opened, 3u);
}

TEST_F(CacheTest, AnotherPassIsAnotherAnswer) {
  read();
  Options usual{.pass = Pass::usual,
                .cache = true,
                .cache_folder = folder.path("made/when/needed"),
                .settling = settling};
  auto subjects = read_target(s.path("venv"), usual);
  EXPECT_EQ(subjects->at(0).members.at(0).bin.pass, Pass::usual);
  EXPECT_EQ(read().subjects.at(0).members.at(0).bin.pass, Pass::full);
}

TEST_F(CacheTest, DamageIsPassedOverAndRepaired) {
  auto right = read().subjects;
  auto file = cache_file();
  std::ifstream in(file, std::ios::binary);
  std::string good((std::istreambuf_iterator<char>(in)), {});
  ASSERT_GT(good.size(), 100u);
  std::vector<std::string> damaged = {"", "x", good.substr(0, 20), good.substr(0, good.size() - 1),
                                      good + "x"};
  for (size_t i = 0; i < good.size(); i += 1 + good.size() / 50) {
    damaged.push_back(good);
    damaged.back()[i] = char(damaged.back()[i] ^ 1);
  }
  for (auto& bytes : damaged) {
    std::ofstream(file, std::ios::binary) << bytes;
    auto answer = read();
    EXPECT_EQ(answer.subjects, right);
    EXPECT_EQ(answer.files_opened, 3u);
    EXPECT_EQ(read().files_opened, 0u);
  }
}

TEST_F(CacheTest, IsOursAlone) {
  read();
  struct stat st;
  ASSERT_EQ(stat(cache_file().c_str(), &st), 0);
  EXPECT_EQ(st.st_mode & 0777, 0600u);
}

TEST_F(CacheTest, AFolderThatCannotBeWrittenIsNoError) {
  folder.write("made", "a file where the folder should be");
  EXPECT_EQ(read().subjects.size(), 2u);
  EXPECT_EQ(read().files_opened, 3u);
}

TEST_F(CacheTest, TwoAtOnceLeaveAGoodCache) {
  auto right = read(false).subjects;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; t++)
    threads.emplace_back([&] {
      for (int i = 0; i < 10; i++) EXPECT_EQ(read().subjects, right);
    });
  for (auto& t : threads) t.join();
  auto after = read();
  EXPECT_EQ(after.files_opened, 0u);
  EXPECT_EQ(after.subjects, right);
  EXPECT_EQ(std::distance(fs::directory_iterator(fs::path(cache_file()).parent_path()), {}), 1)
      << "nothing is left beside it";
}

TEST_F(CacheTest, PlainFoldersAreNotKept) {
  Scratch plain;
  plain.write("a.so", gpu_library());
  Options options{.cache = true, .cache_folder = folder.path("made"), .settling = settling};
  ASSERT_TRUE(read_target(plain.path(), options));
  EXPECT_FALSE(fs::exists(folder.path("made")));
}

TEST(Serial, SubjectsComeBackAsTheyWere) {
  Subject s;
  s.id = "s1";
  s.kind = Subject::Kind::distribution;
  s.name = "n";
  s.path = "p";
  s.version = "1+cu";
  s.environment = "e";
  s.build = "b";
  s.needs = {"cp312", ">=2.28", {"linux_x86_64"}};
  s.dependencies = {{"d", "==1"}};
  s.files_read = UINT64_MAX;
  s.unread = {{"u", 7, {"gap.x", {{"k", "v"}}}}, {"w", {}, {}}};
  Member m;
  m.role = Role::variant;
  m.bin.path = std::string("\0\xff", 2);
  m.bin.size = 1ull << 40;
  m.bin.format = Binary::Format::archive;
  m.bin.arch = "aarch64";
  m.bin.build_id = "00";
  m.bin.dyn = {"so", std::nullopt, "", {"x", "y"}};
  m.bin.toolkits = {*Version::parse("12.8")};
  m.bin.pass = Pass::usual;
  m.bin.unread = s.unread;
  ModuleShape shape;
  shape.images.resize(2);
  shape.images[0].target = *Sm::parse("90a");
  shape.images[0].isa = {8, 7};
  shape.images[1].kind = Image::Kind::ptx;
  shape.images[1].packing = cufit::Packing::zstd;
  shape.images[1].debug = shape.images[1].empty = shape.images[1].relocatable = true;
  shape.count = 3;
  shape.link = ModuleShape::Link::loose;
  shape.section = ".x";
  shape.example = 99;
  m.bin.shapes = {shape};
  s.members = {m};
  Writer w;
  w(std::vector{s, Subject()});
  auto bytes = w.take();
  std::vector<Subject> back;
  Reader r(bytes);
  r(back);
  EXPECT_TRUE(r.good() && r.at_end());
  EXPECT_EQ(back, (std::vector{s, Subject()}));

  for (size_t n = 0; n < bytes.size(); n++) {
    std::vector<Subject> cut;
    Reader short_of(std::string_view(bytes).substr(0, n));
    short_of(cut);
    EXPECT_FALSE(short_of.good()) << n;
  }
}

TEST(Serial, HostileCountsEnd) {
  std::string bytes(11, '\xff');
  Reader huge(bytes);
  std::vector<Subject> out;
  huge(out);
  EXPECT_FALSE(huge.good());
  EXPECT_TRUE(out.empty());
}

TEST(Cache, TheDefaultFolderFollowsXdg) {
  setenv("XDG_CACHE_HOME", "/x", 1);
  EXPECT_EQ(default_cache_folder(), "/x/cufit");
  setenv("XDG_CACHE_HOME", "relative", 1);  // the specification says to ignore those
  setenv("HOME", "/h", 1);
  EXPECT_EQ(default_cache_folder(), "/h/.cache/cufit");
  unsetenv("XDG_CACHE_HOME");
  unsetenv("HOME");
  EXPECT_EQ(default_cache_folder(), "");
}

}  // namespace
}  // namespace cufit::collect
