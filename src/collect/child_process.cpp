#include "collect/child_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <mutex>
#include <thread>
#include <utility>

namespace cufit::collect {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr int kLifted = 10;

/// Closes a range of descriptors; kernels before 5.9 need a call for each.
void close_all(unsigned first, unsigned last) {
#ifdef SYS_close_range
  if (syscall(SYS_close_range, first, last, 0u) == 0) return;
#endif
  rlimit limit{};
  bool known = getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY;
  auto highest = unsigned(known ? std::clamp<rlim_t>(limit.rlim_cur, 256, 65536) : 65536);
  for (unsigned fd = first; fd <= std::min(last, highest); fd++) close(int(fd));
}

void begin_child(pid_t parent) {
  setsid();  // a group of its own, and no terminal that it could ask something
  // Who waits for us may be killed; then nobody wants to know. It may have happened before the call.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(1);
  // 0 would keep the kernel from writing a file, but not from running the program that core_pattern may name;
  // 1 does both (do_coredump in fs/coredump.c: "RLIMIT_CORE set to 1, Aborting core").
  rlimit no_core{1, 1};
  setrlimit(RLIMIT_CORE, &no_core);
  struct sigaction usual = {};
  usual.sa_handler = SIG_DFL;
  for (int number = 1; number < NSIG; number++) sigaction(number, &usual, nullptr);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

/// Children that were killed and may not be dead yet.
struct Left {
  std::mutex mutex;
  std::vector<pid_t> pids;

  void add(pid_t pid) {
    std::lock_guard lock(mutex);
    pids.push_back(pid);
  }
  bool all_buried() {
    std::lock_guard lock(mutex);
    std::erase_if(pids, [](pid_t pid) { return waitpid(pid, nullptr, WNOHANG) != 0; });
    return pids.empty();
  }
};
Left left;

/// The groups of the children that live. A signal that ends us leaves nobody who would: a child dies with us
/// (PR_SET_PDEATHSIG), what it started does not. SIGKILL cannot be met.
constexpr size_t kMaxGroups = 64;
std::array<std::atomic<pid_t>, kMaxGroups> groups;

void note_group(pid_t from, pid_t to) {
  for (auto& group : groups)
    if (auto expected = from; group.compare_exchange_strong(expected, to)) return;
}

constexpr std::array kEndingSignals = {SIGHUP, SIGINT, SIGTERM};

/// With the usual effect of the signal, after the groups were killed.
void end_groups(int number) {
  for (auto& group : groups)
    if (pid_t pid = group; pid > 0) kill(-pid, SIGKILL);
  signal(number, SIG_DFL);
  raise(number);
}

/// Signals that somebody handles or ignores stay as they are.
void meet_ending_signals() {
  for (int number : kEndingSignals) {
    struct sigaction now = {};
    if (sigaction(number, nullptr, &now) != 0 || now.sa_handler != SIG_DFL) continue;
    now.sa_handler = end_groups;
    sigaction(number, &now, nullptr);
  }
}

/// Asks again and again whether `is_so`, no longer than this.
template <class IsSo>
bool wait_until(milliseconds limit, const IsSo& is_so) {
  auto until = Clock::now() + limit;
  while (!is_so()) {
    if (Clock::now() >= until) return false;
    std::this_thread::sleep_for(milliseconds(1));
  }
  return true;
}

}  // namespace

Fd::Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

Fd& Fd::operator=(Fd&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

Fd::~Fd() {
  if (fd_ >= 0) close(fd_);
}

Fd lifted(int fd) {
  Fd low(fd);
  return Fd(fd < 0 ? fd : fcntl(fd, F_DUPFD_CLOEXEC, kLifted));
}

std::optional<Pipe> lifted_pipe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return std::nullopt;
  Pipe pipe{lifted(ends[0]), lifted(ends[1])};
  return pipe.reads && pipe.writes ? std::optional(std::move(pipe)) : std::nullopt;
}

void never_block(const Fd& fd) { fcntl(*fd, F_SETFL, fcntl(*fd, F_GETFL) | O_NONBLOCK); }

ExecWords::ExecWords(std::vector<std::string> words) : words_(std::move(words)) {
  for (auto& word : words_) pointers_.push_back(word.data());
  pointers_.push_back(nullptr);
}

ExecWords::ExecWords(const Variables& env)
    : ExecWords([&] {
        std::vector<std::string> words;
        for (auto& [name, value] : env) words.push_back(name + '=' + value);
        return words;
      }()) {}

pid_t fork_child() {
  ChildProcess::bury({});
  meet_ending_signals();
  // No signal of the parent is handled in the child.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pid_t parent = getpid(), child = fork();
  if (child == 0) {
    begin_child(parent);
  } else {
    if (child > 0) note_group(0, child);
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }
  return child;
}

void take_descriptors(std::span<const int> descriptors, int spare) {
  for (size_t i = 0; i < descriptors.size(); i++) dup2(descriptors[i], int(i));
  close_all(unsigned(descriptors.size()), unsigned(spare) - 1);
  close_all(unsigned(spare) + 1, ~0u);
}

std::string ChildStatus::text() const {
  if (how == How::unknown) return {};
  return how == How::exited ? "exit " + std::to_string(number) : signal_name(number);
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept : pid_(std::exchange(other.pid_, -1)) {}

std::optional<ChildStatus> ChildProcess::ended() {
  siginfo_t info = {};
  if (pid_ < 0) return ChildStatus();
  if (waitid(P_PID, id_t(pid_), &info, WEXITED | WNOHANG | WNOWAIT) != 0) {
    if (errno == EINTR) return std::nullopt;
    note_group(pid_, 0);
    pid_ = -1;
    return ChildStatus();
  }
  if (info.si_pid == 0) return std::nullopt;
  bool exited = info.si_code == CLD_EXITED;
  return ChildStatus{exited ? ChildStatus::How::exited : ChildStatus::How::killed, info.si_status};
}

void ChildProcess::end(milliseconds limit) {
  ended();  // it may be gone already where nobody listens to children
  auto pid = std::exchange(pid_, -1);
  if (pid < 0) return;
  kill(-pid, SIGKILL);
  kill(pid, SIGKILL);  // it may not have made its group yet
  note_group(pid, 0);
  if (!wait_until(limit, [pid] { return waitpid(pid, nullptr, WNOHANG) != 0; })) left.add(pid);
}

void ChildProcess::bury(milliseconds limit) {
  wait_until(limit, [] { return left.all_buried(); });
}

std::string signal_name(int number) {
  // sigabbrev_np is younger than the oldest glibc that we run on.
  static constexpr std::pair<int, const char*> names[] = {
      {SIGHUP, "SIGHUP"},   {SIGINT, "SIGINT"},   {SIGQUIT, "SIGQUIT"}, {SIGILL, "SIGILL"},
      {SIGTRAP, "SIGTRAP"}, {SIGABRT, "SIGABRT"}, {SIGBUS, "SIGBUS"},   {SIGFPE, "SIGFPE"},
      {SIGKILL, "SIGKILL"}, {SIGSEGV, "SIGSEGV"}, {SIGPIPE, "SIGPIPE"}, {SIGALRM, "SIGALRM"},
      {SIGTERM, "SIGTERM"}, {SIGXCPU, "SIGXCPU"}, {SIGSYS, "SIGSYS"},   {SIGXFSZ, "SIGXFSZ"}};
  auto at = std::ranges::find(names, number, &std::pair<int, const char*>::first);
  return at != std::end(names) ? at->second : "signal " + std::to_string(number);
}

}  // namespace cufit::collect
