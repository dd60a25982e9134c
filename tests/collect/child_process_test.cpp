// How children are begun, and how they are left.
#include "collect/child_process.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <string>

namespace cufit::collect {
namespace {

using std::chrono::milliseconds;
using How = ChildStatus::How;

/// Forks a child that does this.
template <class Work>
pid_t begin(const Work& work) {
  pid_t pid = fork_child();
  if (pid == 0) {
    work();
    _exit(0);
  }
  return pid;
}

ChildStatus end_of(ChildProcess& child) {
  for (;;) {
    if (auto status = child.ended()) return *status;
    usleep(1000);
  }
}

bool is_there(pid_t pid) { return kill(pid, 0) == 0 || errno != ESRCH; }

void wait_until_gone(pid_t pid) {
  for (int i = 0; i < 10'000 && is_there(pid); i++) usleep(1000);
}

TEST(ChildProcess, SaysHowItEnded) {
  ChildProcess exits(begin([] { _exit(3); })), dies(begin([] { raise(SIGBUS); }));
  EXPECT_EQ(end_of(exits).text(), "exit 3");
  EXPECT_EQ(end_of(exits).text(), "exit 3");  // as often as one asks
  EXPECT_EQ(end_of(dies).text(), "SIGBUS");
  ChildProcess sleeps(begin([] { pause(); }));
  EXPECT_FALSE(sleeps.ended());
}

TEST(ChildProcess, HasASessionOfItsOwn) {
  ChildProcess child(begin([] { _exit(getsid(0) == getpid() && getpgid(0) == getpid() ? 0 : 1); }));
  EXPECT_EQ(end_of(child).text(), "exit 0");
}

TEST(ChildProcess, WhatIsLeftIsBuried) {
  pid_t pid = begin([] { pause(); });
  {
    ChildProcess child(pid);
  }
  ChildProcess::bury(milliseconds(10'000));
  EXPECT_FALSE(is_there(pid));
}

TEST(ChildProcess, WhatIsLeftIsBuriedWhenTheNextOneIsBegun) {
  pid_t pid = begin([] { pause(); });
  {
    ChildProcess child(pid);
  }
  for (int i = 0; i < 1000 && is_there(pid); i++) {
    ChildProcess next(begin([] {}));
    end_of(next);
  }
  EXPECT_FALSE(is_there(pid));
}

// Nobody keeps its number then: it may be that of another process, or of its group.
TEST(ChildProcess, WhereChildrenAreIgnoredNoNumberIsKilledThatIsGone) {
  auto before = signal(SIGCHLD, SIG_IGN);
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  pid_t pid = begin([&] {
    pid_t in_its_group = fork();
    if (in_its_group == 0) pause();
    if (write(ends[1], &in_its_group, sizeof in_its_group) < 0) _exit(1);
  });
  pid_t in_its_group = 0;
  ASSERT_EQ(read(ends[0], &in_its_group, sizeof in_its_group), ssize_t(sizeof in_its_group));
  wait_until_gone(pid);
  {
    ChildProcess child(pid);
    EXPECT_EQ(end_of(child).how, How::unknown);
    EXPECT_EQ(end_of(child).text(), "");
  }
  {
    ChildProcess nobody_asked(pid);
  }
  usleep(20'000);
  EXPECT_TRUE(is_there(in_its_group));
  kill(in_its_group, SIGKILL);
  close(ends[0]);
  close(ends[1]);
  signal(SIGCHLD, before);
}

TEST(SignalName, OfNumbers) {
  EXPECT_EQ(signal_name(SIGSEGV), "SIGSEGV");
  EXPECT_EQ(signal_name(40), "signal 40");
}

}  // namespace
}  // namespace cufit::collect
