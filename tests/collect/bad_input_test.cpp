// Bad input is normal input: a message with file, offset and expectation; no crash, no hang, bounded memory.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "collect/binary.h"
#include "collect/ordinary_user.h"
#include "collect/scratch.h"
#include "collect/target.h"
#include "formats/build.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define CUFIT_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define CUFIT_SANITIZED 1
#endif
#endif

namespace cufit::collect {
namespace {

using test::container;
using test::describe;
using test::sass;
using test::Scratch;

const std::string kEighty = container({sass(80)});

std::string library() {
  return test::elf(
             {.sections = {{".rodata", "x" + kEighty}, {".nv_fatbin", kEighty + container({sass(90, 'a')})}},
              .wrappers = {{2, ".nv_fatbin", 0, true}},
              .needed = {"libcuda.so.1"},
              .build_id = "\x01"})
      .bytes;
}

TEST(BadInput, LibrariesCutOffAnywhere) {
  Scratch s;
  std::string all = library();
  auto whole = describe(*read_binary(*File::open(s.write("whole", all)), {}));
  for (size_t n = 4; n < all.size(); n++) {
    auto file = File::open(s.write("cut", all.substr(0, n)));
    auto b = read_binary(*file, {});
    ASSERT_TRUE(b) << n;
    ASSERT_FALSE(b->unread.empty()) << "cut to " << n << " bytes and nobody noticed";
    for (const auto& g : b->unread) {
      ASSERT_EQ(g.path, s.path("cut"));
      ASSERT_TRUE(g.offset) << n;
    }
  }
  EXPECT_EQ(whole.find("unread"), std::string::npos);
}

TEST(BadInput, WheelsCutOffAnywhere) {
  Scratch s;
  test::ZipWriter zip;
  zip.add({"pkg/lib.so", library()});
  zip.add({"pkg/stored.so", library(), false});
  std::string all = zip.finish();
  for (size_t n = 0; n < all.size(); n += n + 60 < all.size() ? 7 : 1) {
    auto subjects = read_target(s.write("cut.whl", all.substr(0, n)), {});
    ASSERT_FALSE(subjects) << n;
    ASSERT_EQ(subjects.error().file, s.path("cut.whl"));
    ASSERT_FALSE(subjects.error().message.empty());
  }
}

TEST(BadInput, OtherFilesAreNamed) {
  Scratch s;
  for (const std::string& content : {std::string(), std::string("text"), std::string(5000, '\0')}) {
    auto r = read_target(s.write("f", content), {});
    ASSERT_FALSE(r);
    EXPECT_EQ(r.error().file, s.path("f"));
    EXPECT_EQ(r.error().offset, 0u);
    EXPECT_NE(r.error().message.find("expected"), std::string::npos) << r.error().message;
  }
}

TEST(BadInput, FifosDoNotBlock) {
  Scratch s;
  ASSERT_EQ(mkfifo(s.path("pipe").c_str(), 0600), 0);
  auto r = read_target(s.path("pipe"), {});
  ASSERT_FALSE(r);
  EXPECT_EQ(r.error().message, "expected a regular file, found a FIFO");
}

TEST(BadInput, WhatIsNotThereIsSaid) {
  Scratch s;
  std::filesystem::create_symlink("gone", s.path("dangling"));
  std::filesystem::create_symlink("loop", s.path("loop"));
  for (auto name : {"gone", "dangling", "loop"}) {
    auto r = read_target(s.path(name), {});
    ASSERT_FALSE(r) << name;
    EXPECT_EQ(r.error().file, s.path(name));
  }
}

TEST(BadInput, FilesThatMayNotBeReadAreGapsOfTheirFolder) {
  Scratch s;
  s.write("good.so", library());
  chmod(s.write("secret.so", library()).c_str(), 0);
  chmod(s.path().c_str(), 0755);
  test::OrdinaryUser user;
  if (!user) GTEST_SKIP() << test::kStaysRoot;
  auto r = read_target(s.path(), {});
  ASSERT_TRUE(r);
  EXPECT_EQ(r->front().members.size(), 1u);
  ASSERT_EQ(r->front().unread.size(), 1u);
  EXPECT_EQ(r->front().unread[0].path, s.path("secret.so"));
  EXPECT_EQ(r->front().unread[0].what.id, "gap.denied");
}

TEST(BadInput, AFileThatShrinksWhileItIsRead) {
  Scratch s;
  std::string all = test::elf({.sections = {{".nv_fatbin", kEighty}, {".data", std::string(100'000, 'x')}},
                               .table = test::ElfSpec::Table::front})
                        .bytes;
  auto file = File::open(s.write("f", all));
  ASSERT_EQ(truncate(s.path("f").c_str(), 50'000), 0);
  auto b = read_binary(*file, {});
  ASSERT_TRUE(b);
  // The names of the sections are gone, too, so the whole file was searched, up to where it ends now.
  ASSERT_EQ(b->unread.size(), 2u) << describe(*b);
  EXPECT_EQ(b->unread[0].what.id, "gap.sections-damaged");
  EXPECT_EQ(b->unread[1].what.id, "gap.read-error");
  EXPECT_EQ(b->unread[1].offset, 50'000u);
  EXPECT_EQ(b->shapes.size(), 1u) << "what came before is kept";
}

/// Bytes that this process has read, or nothing where the system does not tell.
std::optional<uint64_t> bytes_read() {
  std::ifstream in("/proc/self/io");
  std::string word;
  uint64_t n = 0;
  if (in >> word >> n && word == "rchar:") return n;
  return std::nullopt;
}

// A sparse file: containers at the front and behind five gigabytes of payload.
TEST(BadInput, FiveGigabytesAreJumpedOver) {
  Scratch s;
  constexpr uint64_t kFar = uint64_t{5} << 30;
  auto small = test::elf({.sections = {{".nv_fatbin", kEighty}}, .table = test::ElfSpec::Table::front});
  uint64_t first = small.at[".nv_fatbin"], size = kEighty.size();
  std::string giant = container({sass(86)});
  uint64_t payload = kFar - 16 - 64;
  test::patch<uint64_t>(giant, 8, payload + 64);
  test::patch<uint64_t>(giant, 16 + 8, payload);
  std::string head = small.bytes.substr(0, first + size) + giant.substr(0, 16 + 64);
  test::patch<uint64_t>(head, small.table + 64 + 32, 2 * size + kFar);
  uint64_t last = first + size + kFar;

  int fd = open(s.path("sparse").c_str(), O_CREAT | O_RDWR, 0600);
  ASSERT_GE(fd, 0);
  ASSERT_EQ(pwrite(fd, head.data(), head.size(), 0), ssize_t(head.size()));
  if (pwrite(fd, kEighty.data(), size, off_t(last)) != ssize_t(size)) {
    close(fd);
    GTEST_SKIP() << "this file system has no sparse files of 5 GB";
  }
  // The names of the sections lie where they lay, behind .nv_fatbin: give them a new place at the end.
  uint64_t names = load_at<uint64_t>(as_bytes(small.bytes).data() + small.table + 2 * 64 + 24);
  std::string text = small.bytes.substr(names);
  uint64_t names_at = last + size;
  std::string moved;
  test::append<uint64_t>(moved, names_at);
  ASSERT_EQ(pwrite(fd, text.data(), text.size(), off_t(names_at)), ssize_t(text.size()));
  ASSERT_EQ(pwrite(fd, moved.data(), 8, off_t(small.table + 2 * 64 + 24)), 8);
  close(fd);

  auto before = bytes_read();
  auto file = File::open(s.path("sparse"));
  auto b = read_binary(*file, {});
  auto after = bytes_read();
  ASSERT_TRUE(b);
  std::string said = describe(*b);
  EXPECT_EQ(said.substr(said.find('\n') + 1), "whole .nv_fatbin x2 @" + std::to_string(first) +
                                                  ": 80\nwhole .nv_fatbin x1 @" +
                                                  std::to_string(first + size) + ": 86\n");
  if (before && after) {
    EXPECT_LT(*after - *before, 1u << 20);
  }
}

// 128 MiB of zeroes behind an ELF header, in 128 KiB.
TEST(BadInput, ZipBombsAreReadInBoundedMemory) {
#ifdef CUFIT_SANITIZED
  GTEST_SKIP() << "a sanitizer has memory of its own";
#endif
  Scratch s;
  {
    test::ZipWriter zip;
    zip.add({"bomb.so", library() + std::string(128 << 20, '\0')});
    std::string bytes = zip.finish();
    ASSERT_LT(bytes.size(), 1u << 20);
    s.write("bomb.whl", bytes);
  }
  pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    // 160 MiB of address space beyond what is in use: head, tail and windows of one member.
    rusage use;
    getrusage(RUSAGE_SELF, &use);
    std::ifstream statm("/proc/self/statm");
    uint64_t pages = 0;
    statm >> pages;
    rlimit limit{pages * 4096 + (uint64_t{160} << 20), RLIM_INFINITY};
    setrlimit(RLIMIT_AS, &limit);
    auto r = read_target(s.path("bomb.whl"), {});
    _exit(r && r->front().members.size() == 1 && r->front().members[0].bin.shapes.size() == 3 ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << "status " << status;
}

TEST(BadInput, StaticLibrariesInWheelsAreBounded) {
  std::string lib = test::archive({{"a.o", library()}});
  auto b = read_binary([&] { return std::make_unique<MemoryStream>(as_bytes(lib)); }, uint64_t{65} << 20, {});
  ASSERT_TRUE(b);
  ASSERT_EQ(b->unread.size(), 1u);
  EXPECT_EQ(b->unread[0].what.id, "gap.member-method");
}

}  // namespace
}  // namespace cufit::collect
