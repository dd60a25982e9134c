// Programs that behave and programs that do not, as children.
#include "collect/child.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <thread>

#include "collect/scratch.h"

namespace cufit::collect {
namespace {

using How = ChildEnd::How;
using std::chrono::milliseconds;

ChildEnd shell(const std::string& script, milliseconds time = milliseconds(60'000)) {
  return run_child({"/bin/sh", {"-c", script}, {{"PATH", "/usr/bin:/bin"}}}, {.time = time});
}

/// "exited 0", "killed 11", "late".
std::string how(const ChildEnd& end) {
  static const char* const kNames[] = {"exited", "killed", "late", "flooded", "not_started"};
  bool number = end.how != How::late && end.how != How::flooded;
  return kNames[size_t(end.how)] + (number ? ' ' + std::to_string(end.number) : "");
}

/// Is a process of this number there, that has not ended?
bool lives(const std::string& pid) {
  std::ifstream stat("/proc/" + std::to_string(std::stoi(pid)) + "/stat");
  std::string text{std::istreambuf_iterator<char>(stat), {}};
  return !text.empty() && text.find(") Z ") == text.npos;
}

TEST(Child, AnswersAndOutputAreHeardApart) {
  auto end = shell("echo answer >&3; echo out; echo err >&2; exit 3");
  EXPECT_EQ(how(end), "exited 3");
  EXPECT_EQ(end.answers, "answer\n");
  EXPECT_EQ(end.output, "out\nerr\n");
  EXPECT_GT(end.time.count(), 0);
}

TEST(Child, ASignalEndsIt) { EXPECT_EQ(how(shell("kill -SEGV $$")), "killed " + std::to_string(SIGSEGV)); }

TEST(Child, WhatItSaidBeforeItHungStands) {
  auto end = shell("echo before >&3; sleep 1000", milliseconds(300));
  EXPECT_EQ(how(end), "late");
  EXPECT_EQ(end.answers, "before\n");
}

TEST(Child, ItsGroupDiesWithIt) {
  for (auto* rest : {"wait", "exit 0"}) {
    auto end = shell("sleep 1000 & echo $! >&3; " + std::string(rest), milliseconds(300));
    for (int i = 0; i < 1000 && lives(end.answers); i++) usleep(10'000);
    EXPECT_FALSE(lives(end.answers)) << rest;
  }
}

// Whoever waits is asked to end: what the child started goes as well.
TEST(Child, ItsGroupDiesWithWhoeverWaits) {
  for (int number : {SIGTERM, SIGINT, SIGHUP}) {
    test::Scratch scratch;
    auto file = scratch.path("pid");
    pid_t waits = fork();
    if (waits == 0) {
      for (int n : {SIGTERM, SIGINT, SIGHUP}) signal(n, SIG_DFL);
      shell("sleep 1000 & echo $! > " + file + ".part; mv " + file + ".part " + file + "; wait");
      _exit(0);
    }
    for (int i = 0; i < 1000 && access(file.c_str(), F_OK) != 0; i++) usleep(10'000);
    std::string pid;
    std::ifstream(file) >> pid;
    ASSERT_TRUE(lives(pid));
    kill(waits, number);
    int status = 0;
    waitpid(waits, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == number) << status;
    for (int i = 0; i < 1000 && lives(pid); i++) usleep(10'000);
    EXPECT_FALSE(lives(pid));
  }
}

TEST(Child, IgnoringWhatAsksItToEndDoesNotHelp) {
  EXPECT_EQ(how(shell("trap '' TERM INT HUP; while :; do sleep 1; done", milliseconds(200))), "late");
}

// It keeps the pipes open for long: not waited for.
TEST(Child, ADaemonOfItsIsLeftBehind) {
  auto end = shell("setsid sleep 1000 & echo $! >&3");
  EXPECT_EQ(how(end), "exited 0");
  kill(std::stoi(end.answers), SIGKILL);
}

TEST(Child, AFloodOfAnswersIsTooMuch) {
  auto end = run_child({"/bin/sh", {"-c", "exec cat /dev/zero >&3"}, {}}, {.answers = 1000});
  EXPECT_EQ(how(end), "flooded");
  EXPECT_EQ(end.answers.size(), 1000u);
  auto at_once = run_child({"/bin/sh", {"-c", "echo 12345 >&3"}, {}}, {.answers = 5});
  EXPECT_EQ(how(at_once), "flooded");
}

TEST(Child, OfItsOutputTheEndIsKept) {
  auto end =
      run_child({"/bin/sh", {"-c", "i=0; while [ $i -lt 5000 ]; do echo line $i; i=$((i+1)); done"}, {}},
                {.output = 20});
  EXPECT_EQ(how(end), "exited 0");
  EXPECT_EQ(end.output, "line 4998\nline 4999\n");
  auto endless = run_child({"/bin/sh", {"-c", "exec cat /dev/zero"}, {}}, {.time = milliseconds(200)});
  EXPECT_EQ(how(endless), "late");
  EXPECT_EQ(endless.output.size(), ChildLimits().output);
}

TEST(Child, WhatCannotBeStartedSaysWhy) {
  test::Scratch scratch;
  auto text = scratch.write("text", "no program\n");
  EXPECT_EQ(how(run_child({scratch.path("none"), {}, {}})), "not_started " + std::to_string(ENOENT));
  chmod(text.c_str(), 0644);
  EXPECT_EQ(how(run_child({text, {}, {}})), "not_started " + std::to_string(EACCES));
  chmod(text.c_str(), 0755);
  EXPECT_EQ(how(run_child({text, {}, {}})), "not_started " + std::to_string(ENOEXEC));
}

TEST(Child, ClosingAllThatItHasIsNoEnd) {
  const std::string close_all = "exec 0<&- 1>&- 2>&- 3>&-; ";
  EXPECT_EQ(how(shell(close_all + "exit 4")), "exited 4");
  EXPECT_EQ(how(shell(close_all + "sleep 1000", milliseconds(300))), "late");
}

TEST(Child, GetsFourDescriptorsAndNoMore) {
  int open_here = open("/dev/null", O_RDONLY);  // not to be closed by execve
  int high = fcntl(open_here, F_DUPFD, 500);
  auto end = shell("ls /proc/$$/fd; read line || echo nothing to read; readlink /proc/$$/fd/0");
  EXPECT_EQ(end.output, "0\n1\n2\n3\nnothing to read\n/dev/null\n");
  close(open_here);
  close(high);
}

TEST(Child, GetsTheEnvironmentThatIsGivenAndNothingElse) {
  EXPECT_EQ(run_child({"/usr/bin/env", {}, {{"A", "1"}, {"B", ""}}}).output, "A=1\nB=\n");
  EXPECT_EQ(run_child({"/usr/bin/env", {}, {}}).output, "");
}

TEST(Child, LeavesNoCore) {
  auto end = shell("grep 'Max core' /proc/$$/limits");
  std::istringstream words(end.output);
  std::string max, core, file, size, soft, hard;
  words >> max >> core >> file >> size >> soft >> hard;
  EXPECT_LE(std::stoi(soft), 1);
  EXPECT_LE(std::stoi(hard), 1);
}

// Seen by what they do: what /proc tells of the signals holds those of the C library too (32, 33), which no
// program can set, and which whoever started the tests may have ignored.
TEST(Child, SignalsActInItAsUsual) {
  sigset_t blocked, before;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &blocked, &before);
  auto ignored = signal(SIGPIPE, SIG_IGN);
  auto of_blocked = shell("kill -TERM $$; exit 0"), of_ignored = shell("kill -PIPE $$; exit 0");
  signal(SIGPIPE, ignored);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  EXPECT_EQ(how(of_blocked), "killed " + std::to_string(SIGTERM));
  EXPECT_EQ(how(of_ignored), "killed " + std::to_string(SIGPIPE));
}

TEST(Child, OfAProcessThatIgnoresItsChildren) {
  auto before = signal(SIGCHLD, SIG_IGN);
  auto end = shell("echo heard >&3; exit 3");
  signal(SIGCHLD, before);
  EXPECT_EQ(how(end), "exited 0");  // nobody says how
  EXPECT_EQ(end.answers, "heard\n");
}

TEST(Child, ManyAtOnceHearTheirOwn) {
  std::vector<std::thread> threads;
  std::vector<ChildEnd> ends(16);
  for (size_t i = 0; i < ends.size(); i++)
    threads.emplace_back([&ends, i] { ends[i] = shell("echo " + std::to_string(i) + " >&3"); });
  for (auto& thread : threads) thread.join();
  for (size_t i = 0; i < ends.size(); i++) EXPECT_EQ(ends[i].answers, std::to_string(i) + "\n");
}

}  // namespace
}  // namespace cufit::collect
