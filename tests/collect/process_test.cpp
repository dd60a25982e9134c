#include "collect/process.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "collect/scratch.h"

namespace cufit::collect {
namespace {

using test::Scratch;
namespace fs = std::filesystem;

// Lines as a kernel 6.1 writes them.
constexpr std::string_view kMaps =
    "557a7e1b2000-557a7e1b4000 r--p 00000000 fe:00 79039                      /usr/bin/python3.12\n"
    "557a7e1b4000-557a7e1ba000 r-xp 00002000 fe:00 79039                      /usr/bin/python3.12\n"
    "557a90359000-557a9037a000 rw-p 00000000 00:00 0                          [heap]\n"
    "7fc799c00000-7fc799eeb000 r--p 00000000 fe:00 102450                     "
    "/usr/lib/locale/locale-archive\n"
    "7fc79a000000-7fc79a028000 r-xp 00000000 103:02 106801                    /opt/my "
    "libs/libcuda.so.580.95.05\n"
    "7fc79a206000-7fc79a213000 rw-p 00000000 00:00 0 \n"
    "7fc79a300000-7fc79a301000 r-xp 00000000 fe:00 5                          /opt/libold.so (deleted)\n"
    "7fc79a310000-7fc79a311000 r-xp 00000000 fe:00 6                          /opt/a\\012b.so\n"
    "7fc79a320000-7fc79a321000 rw-s 00000000 00:01 1024                       /memfd:jit (deleted)\n"
    "7fc79a330000-7fc79a331000 rw-s 00000000 00:01 7                          /SYSV00000000 (deleted)\n"
    "7fc79a332000-7fc79a333000 rw-s 00000000 00:01 8                          /dev/zero (deleted)\n"
    "7fc79a334000-7fc79a335000 rw-p 00000000 00:0e 9                          anon_inode:[io_uring]\n"
    "7fc79a336000-7fc79a337000 rw-p 00000000 00:00 0                          [anon:arena]\n"
    "7fc79a340000-7fc79a342000 r-xp 00000000 00:00 0                          [vdso]\n"
    "7fc79a350000-7fc79a351000 rw-s 00000000 00:06 412                        /dev/nvidiactl\n"
    "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]\n";

TEST(ProcessMaps, FilesAreListedOnceInTheOrderOfAddresses) {
  auto files = mapped_files(kMaps);
  std::vector<std::string> paths;
  for (auto& f : files) paths.push_back(f.path + (f.executable ? " x" : "") + (f.deleted ? " deleted" : ""));
  EXPECT_EQ(paths,
            (std::vector<std::string>{"/usr/bin/python3.12 x", "/usr/lib/locale/locale-archive",
                                      "/opt/my libs/libcuda.so.580.95.05 x", "/opt/libold.so x deleted",
                                      "/opt/a\nb.so x", "/dev/nvidiactl"}));
  EXPECT_EQ(files[2].major, 0x103u);
  EXPECT_EQ(files[2].minor, 2u);
  EXPECT_EQ(files[2].inode, 106801u);
}

TEST(ProcessMaps, AReplacedLibraryIsBesideTheNewOne) {
  auto files = mapped_files(
      "1000-2000 r-xp 00000000 fe:00 5 /usr/lib/libcuda.so.1 (deleted)\n"
      "3000-4000 r-xp 00000000 fe:00 9 /usr/lib/libcuda.so.1\n");
  ASSERT_EQ(files.size(), 2u);
  EXPECT_TRUE(files[0].deleted);
  EXPECT_FALSE(files[1].deleted);
}

TEST(ProcessMaps, LinesThatAreNoneArePassedOver) {
  for (std::string_view line :
       {"", "\n\n", "garbage", "1000-2000", "1000-2000 r-xp", "1000-2000 r-xp 0 fe:00",
        "1000-2000 r-xp 0 fe:00 5", "1000-2000 r-xp 0 fe:00 5 ", "1000-2000 r-xp 0 fe00 5 /a",
        "1000-2000 r-xp 0 fe:00 x5 /a", "1000-2000 rx 0 fe:00 5 /a", "1000 r-xp 0 fe:00 5 /a",
        "1000-2000 r-xp 0 fe:00 99999999999999999999999 /a", "1000-2000 r-xp 0 zz:00 5 /a",
        "1000-2000 r-xp 0 fe:00 0 /a", "1000-2000 r-xp 0 fe:00 5 relative"})
    EXPECT_TRUE(mapped_files(line).empty()) << line;
  // One bad line does not hide the others.
  EXPECT_EQ(mapped_files("garbage\n1000-2000 r-xp 0 fe:00 5 /a").size(), 1u);
}

TEST(ProcessMaps, TheListHasAnEnd) {
  std::string maps;
  for (int i = 0; i < 30'000; i++) maps += "1000-2000 r-xp 0 fe:00 5 /lib/" + std::to_string(i) + "\n";
  EXPECT_EQ(mapped_files(maps).size(), 20'000u);
}

TEST(Process, VariablesEndWithNul) {
  using namespace std::string_view_literals;
  auto env = variables_of("A=1\0LD_LIBRARY_PATH=/a:/b\0EMPTY=\0=x\0junk\0A=2\0LAST=y=z"sv);
  EXPECT_EQ(env, (Variables{{"A", "1"}, {"LD_LIBRARY_PATH", "/a:/b"}, {"EMPTY", ""}, {"LAST", "y=z"}}));
}

TEST(Process, ThisOne) {
  auto p = read_process(uint32_t(getpid()));
  ASSERT_TRUE(p) << p.error().to_string();
  ASSERT_TRUE(p->exe && p->maps && p->root && p->cwd && p->env);
  EXPECT_EQ(*p->exe, fs::canonical("/proc/self/exe").string());
  EXPECT_EQ(*p->root, "");
  EXPECT_EQ(*p->cwd, fs::current_path().string());
  EXPECT_TRUE(std::ranges::any_of(*p->maps, [&](auto& f) { return f.path == *p->exe && f.executable; }));
}

TEST(Process, NoneOfThatNumber) {
  Scratch s;
  auto p = read_process(4711, s.path());
  ASSERT_FALSE(p);
  EXPECT_EQ(p.error().id, "software.no-such-process");
  s.write("4712", "a file, not a folder");
  EXPECT_FALSE(read_process(4712, s.path()));
}

/// A folder that looks like /proc with a process whose root file system is another folder.
void make_proc(const Scratch& s) {
  fs::create_directories(s.path("4711"));
  fs::create_directories(s.path("image/usr/lib"));
  fs::create_symlink(s.path("image"), s.path("4711/root"));
}

TEST(Process, OfAContainerSeenFromOutside) {
  using namespace std::string_literals;
  Scratch s;
  make_proc(s);
  fs::create_symlink(s.path("image/usr/bin/python3") + " (deleted)", s.path("4711/exe"));
  fs::create_symlink(s.path("image/work"), s.path("4711/cwd"));
  s.write("4711/maps", "1000-2000 r-xp 0 fe:00 5 " + s.path("image/usr/lib/libcuda.so.1") +
                           "\n3000-4000 r-xp 0 fe:00 6 /usr/lib/libc.so.6\n");
  s.write("4711/environ", "LD_LIBRARY_PATH=/x\0"s);
  auto p = read_process(4711, s.path());
  ASSERT_TRUE(p);
  ASSERT_TRUE(p->root && p->exe && p->cwd && p->maps && p->env);
  EXPECT_EQ(*p->root, s.path("4711/root"));
  EXPECT_EQ(*p->exe, "/usr/bin/python3");
  EXPECT_EQ(*p->cwd, "/work");
  EXPECT_EQ((*p->maps)[0].path, "/usr/lib/libcuda.so.1");
  EXPECT_EQ((*p->maps)[1].path, "/usr/lib/libc.so.6");
  EXPECT_EQ(p->env->at("LD_LIBRARY_PATH"), "/x");
}

TEST(Process, AFileWhoseNameEndsAsThatOfARemovedOne) {
  Scratch s;
  make_proc(s);
  s.write("image/usr/lib/x (deleted)", "");
  struct stat st;
  ASSERT_EQ(stat(s.path("image/usr/lib/x (deleted)").c_str(), &st), 0);
  auto line = [](uint64_t inode) {
    return "1000-2000 r-xp 0 fe:00 " + std::to_string(inode) + " /usr/lib/x (deleted)\n";
  };
  s.write("4711/maps", line(st.st_ino) + line(st.st_ino + 1));
  auto p = read_process(4711, s.path());
  ASSERT_TRUE(p && p->maps);
  ASSERT_EQ(p->maps->size(), 2u);
  EXPECT_EQ((*p->maps)[0].path, "/usr/lib/x (deleted)");
  EXPECT_FALSE((*p->maps)[0].deleted);
  EXPECT_TRUE((*p->maps)[1].deleted) << "another file of that name";
}

TEST(Process, WhatIsNotThereIsAbsentAndWhatIsNoFileUnreadable) {
  Scratch s;
  make_proc(s);
  fs::create_directories(s.path("4711/maps"));
  auto p = read_process(4711, s.path());
  ASSERT_TRUE(p);
  ASSERT_TRUE(std::holds_alternative<Unreadable>(p->maps.is));
  EXPECT_TRUE(std::holds_alternative<Absent>(p->env.is));
  EXPECT_TRUE(std::holds_alternative<Absent>(p->exe.is));  // as a thread of the kernel
}

}  // namespace
}  // namespace cufit::collect
