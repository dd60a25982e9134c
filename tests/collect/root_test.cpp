#include "collect/root.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>

#include "collect/guarded.h"
#include "collect/machine_scratch.h"
#include "collect/ordinary_user.h"

namespace cufit::collect {
namespace {

using namespace test;

TEST(Root, ThreeAnswers) {
  MachineScratch s;
  s.file("etc/a", "text").folder("etc/empty");
  auto root = s.root();
  auto text = root.text("/etc/a");
  EXPECT_EQ(*text, "text");
  EXPECT_EQ(text.from, at_path("/etc/a")) << "sources name paths of the root, not of this machine";
  EXPECT_TRUE(is_absent(root.text("/etc/b")));
  EXPECT_EQ(root.text("/etc/b").from, at_path("/etc/b"));
  EXPECT_TRUE(is_absent(root.text("/etc/a/b")));
  EXPECT_EQ(why(root.text("/etc")), "a folder");
  EXPECT_EQ(root.names("/etc")->size(), 2u);
  EXPECT_TRUE(root.names("/etc/empty")->empty());
  EXPECT_TRUE(is_absent(root.names("/no")));
  EXPECT_TRUE(root.has("/etc/a"));
  EXPECT_FALSE(root.has("/etc/b"));
}

TEST(Root, LinksStayInside) {
  MachineScratch host, s;
  host.file("secret", "of this machine");
  s.file("a", "inside")
      .link("absolute", "/a")
      .link("up", "../../../../../../a")
      .link("out", host.path("secret"));
  s.link("loop", "/loop").link("dangling", "none").link("folder", "/").link("away", host.path());
  auto root = s.root();
  EXPECT_EQ(*root.text("/absolute"), "inside");
  EXPECT_EQ(*root.text("/up"), "inside");
  EXPECT_EQ(*root.text("/folder/folder/a"), "inside");
  EXPECT_EQ(*root.text("/../../a"), "inside");
  EXPECT_TRUE(is_absent(root.text("/out")));
  EXPECT_TRUE(is_absent(root.text("/away/secret")));
  EXPECT_TRUE(is_absent(root.names("/away")));
  EXPECT_EQ(why(root.text("/loop")), "ELOOP");
  EXPECT_EQ(why(root.names("/loop")), "ELOOP");
  EXPECT_TRUE(is_absent(root.text("/dangling")));
  EXPECT_EQ(*root.link("/absolute"), "/a");
  EXPECT_TRUE(is_absent(root.link("/a")));
  EXPECT_EQ(*root.real("/folder/absolute"), "/a");
}

TEST(Root, NothingBlocksAndEverythingIsBounded) {
  MachineScratch s;
  s.file("large", std::string(100'000, 'x')).link("null", "/dev/null").link("zero", "/dev/zero");
  ASSERT_EQ(mkfifo(s.path("fifo").c_str(), 0666), 0);
  ASSERT_EQ(mkfifo(s.path("fifo-folder").c_str(), 0666), 0);
  auto root = s.root();
  EXPECT_EQ(why(root.text("/fifo")), "a FIFO");
  EXPECT_TRUE(is_absent(root.names("/fifo-folder")));
  EXPECT_EQ(why(root.text("/large")), "EFBIG");
  EXPECT_EQ(root.text("/large", 100'000)->size(), 100'000u);
  EXPECT_EQ(why(root.text("/large", 99'999)), "EFBIG");
  EXPECT_EQ(root.head("/large", 10)->size(), 10u);
  Root here;
  EXPECT_EQ(why(here.text(s.path("zero"))), "a device");
  EXPECT_FALSE(here.text("/proc/self/status")->empty()) << "files of /proc have no size";
  EXPECT_EQ(why(root.names("/", 3)), "EFBIG");
  sockaddr_un address{AF_UNIX, {}};
  std::strncpy(address.sun_path, s.path("socket").c_str(), sizeof address.sun_path - 1);
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ASSERT_EQ(bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  EXPECT_EQ(why(root.text("/socket")), "a socket");
  close(fd);
  EXPECT_EQ(why(here.text('/' + std::string(5000, 'x'))), "ENAMETOOLONG");
}

TEST(Root, WhatMayNotBeReadSaysSo) {
  MachineScratch s;
  s.file("secret/a", "").file("b", "");
  fs::permissions(s.path("secret"), fs::perms::none);
  fs::permissions(s.path("b"), fs::perms::none);
  fs::permissions(s.path(), fs::perms(0755));
  {
    OrdinaryUser user;
    if (!user) GTEST_SKIP() << kStaysRoot;
    EXPECT_EQ(why(s.root().text("/secret/a")), "EACCES");
    EXPECT_EQ(why(s.root().names("/secret")), "EACCES");
    EXPECT_EQ(why(s.root().text("/b")), "EACCES");
    EXPECT_TRUE(is_absent(s.root().text("/c")));
  }
  fs::permissions(s.path("secret"), fs::perms::owner_all);
}

TEST(Root, ErrorsHaveNames) {
  EXPECT_EQ(error_name(EACCES), "EACCES");
  EXPECT_EQ(error_name(ENXIO), "ENXIO");
  EXPECT_EQ(error_name(9999), "errno 9999");
}

TEST(Guarded, SaysWhatItHeard) {
  auto heard = in_child([](const Tell& tell) {
    tell("a");
    tell("");
    tell(std::string(100'000, 'b'));
  });
  EXPECT_TRUE(heard.started && heard.finished);
  ASSERT_EQ(heard.messages.size(), 3u);
  EXPECT_EQ(heard.messages[0], "a");
  EXPECT_EQ(heard.messages[1], "");
  EXPECT_EQ(heard.messages[2], std::string(100'000, 'b'));
}

TEST(Guarded, AHangTakesNothingWithIt) {
  auto heard = in_child(
      [](const Tell& tell) {
        tell("before");
        while (true) pause();
      },
      std::chrono::milliseconds(50));
  EXPECT_FALSE(heard.finished);
  EXPECT_EQ(heard.messages, std::vector<std::string>{"before"});
  EXPECT_EQ(why_unheard(heard, 1), "hangs");
  EXPECT_EQ(why_unheard(heard, 2), "not asked");
}

TEST(Guarded, ACrashAndAFloodEnd) {
  auto heard = in_child([](const Tell& tell) {
    tell("before");
    _exit(3);
  });
  EXPECT_FALSE(heard.finished);
  EXPECT_EQ(heard.messages, std::vector<std::string>{"before"});
  heard = in_child([](const Tell& tell) {
    while (true) tell(std::string(1 << 20, 'x'));
  });
  EXPECT_FALSE(heard.finished);
  EXPECT_LE(heard.messages.size(), 4u);
}

}  // namespace
}  // namespace cufit::collect
