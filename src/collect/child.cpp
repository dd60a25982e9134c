#include "collect/child.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <optional>
#include <utility>

namespace cufit::collect {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

/// How often a child is asked whether it has ended. Its pipes do not tell: others may hold them.
constexpr milliseconds kTick{10};
constexpr milliseconds kDying{200};
/// Read after its end at most: somebody may go on writing.
constexpr size_t kAfterwards = 1 << 20;

/// An end of a pipe, or a file. Never 0 to 9, so that it can be put there in a child.
class Handle {
 public:
  Handle() = default;
  explicit Handle(int fd) : fd_(fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 10)) {
    if (fd >= 0) ::close(fd);
  }
  Handle(Handle&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Handle& operator=(Handle&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Handle() { close(); }
  int get() const { return fd_; }
  void close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }

 private:
  int fd_ = -1;
};

struct Pipe {
  Handle read, write;

  static std::optional<Pipe> make() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return std::nullopt;
    Pipe pipe{Handle(ends[0]), Handle(ends[1])};
    if (pipe.read.get() < 0 || pipe.write.get() < 0) return std::nullopt;
    fcntl(pipe.read.get(), F_SETFL, O_NONBLOCK);
    return pipe;
  }
};

/// Argument or environment list as execve takes it.
class Words {
 public:
  void add(std::string word) { words_.push_back(std::move(word)); }
  char* const* list() {
    pointers_.clear();
    for (auto& word : words_) pointers_.push_back(word.data());
    pointers_.push_back(nullptr);
    return pointers_.data();
  }

 private:
  std::vector<std::string> words_;
  std::vector<char*> pointers_;
};

/// Prepared before the fork: between it and execve only calls are made that are safe in a signal handler,
/// because other threads of the parent may have held locks.
struct Start {
  const char* path;
  char* const* args;
  char* const* env;
  pid_t parent;
  int in, out, answers, error;
  unsigned highest;  ///< descriptor that may be open
};

/// Closes a range of descriptors; kernels before 5.9 need a call for each.
void close_all(unsigned first, unsigned last, unsigned highest) {
#ifdef SYS_close_range
  if (syscall(SYS_close_range, first, last, 0u) == 0) return;
#endif
  for (unsigned fd = first; fd <= std::min(last, highest); fd++) close(int(fd));
}

[[noreturn]] void be_child(const Start& start) {
  setsid();  // a group of its own, and no terminal that it could ask something
  // Who waits for us may be killed; then nobody wants to know. It may have happened before the call.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != start.parent) _exit(1);
  // 1 and not 0: where cores go to a program, the kernel starts it at 0 as well, but not at 1 (do_coredump).
  rlimit no_core{1, 1};
  setrlimit(RLIMIT_CORE, &no_core);
  struct sigaction usual = {};
  usual.sa_handler = SIG_DFL;
  for (int number = 1; number < NSIG; number++) sigaction(number, &usual, nullptr);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  dup2(start.in, 0);
  dup2(start.out, 1);
  dup2(start.out, 2);
  dup2(start.answers, kAnswers);
  close_all(kAnswers + 1, unsigned(start.error) - 1, start.highest);
  close_all(unsigned(start.error) + 1, ~0u, start.highest);
  execve(start.path, start.args, start.env);
  int why = errno;
  while (write(start.error, &why, sizeof why) < 0 && errno == EINTR) {
  }
  _exit(127);
}

/// No signal of the parent is handled in the child.
pid_t forked(const Start& start) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pid_t child = fork();
  if (child == 0) be_child(start);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return child;
}

unsigned highest_descriptor() {
  rlimit limit{};
  bool known = getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY;
  return unsigned(known ? std::clamp<rlim_t>(limit.rlim_cur, 256, 65536) : 65536);
}

class Child {
 public:
  Child(const ChildProgram& program, const ChildLimits& limits)
      : program_(program), limits_(limits), started_(Clock::now()) {}
  ~Child() { end(); }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  ChildEnd run() {
    result_.number = start();
    if (pid_ > 0) {
      hear_to_the_end();
      if (auto why = failed_exec()) result_.how = ChildEnd::How::not_started, result_.number = *why;
    }
    result_.time = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - started_);
    return std::move(result_);
  }

 private:
  /// errno, or 0.
  int start() {
    Handle nothing(open("/dev/null", O_RDONLY | O_CLOEXEC));
    auto out = Pipe::make(), answers = Pipe::make(), error = Pipe::make();
    if (nothing.get() < 0 || !out || !answers || !error) return errno;
    Words args, env;
    args.add(program_.path);
    for (auto& arg : program_.args) args.add(arg);
    for (auto& [name, value] : program_.env) env.add(name + '=' + value);
    Start start{program_.path.c_str(), args.list(),      env.list(),           getpid(),
                nothing.get(),         out->write.get(), answers->write.get(), error->write.get(),
                highest_descriptor()};
    pid_ = forked(start);
    if (pid_ < 0) return errno;
    out_ = std::move(out->read), answers_ = std::move(answers->read), error_ = std::move(error->read);
    return 0;
  }

  void hear_to_the_end() {
    auto end_of_time = started_ + limits_.time;
    while (!has_ended()) {
      if (result_.answers.size() > limits_.answers) return give_up(ChildEnd::How::flooded);
      if (Clock::now() >= end_of_time) return give_up(ChildEnd::How::late);
      wait_and_hear();
    }
    end();
    for (size_t heard = 0, more = 1; more > 0 && heard < kAfterwards; heard += more) more = hear();
    if (result_.answers.size() > limits_.answers) result_.how = ChildEnd::How::flooded;
    cut();
  }

  void give_up(ChildEnd::How how) {
    end();
    hear();
    result_.how = how;
    cut();
  }

  void cut() { result_.answers.resize(std::min(result_.answers.size(), limits_.answers)); }

  void wait_and_hear() {
    pollfd waiting[] = {{out_.get(), POLLIN, 0}, {answers_.get(), POLLIN, 0}};
    poll(waiting, std::size(waiting), int(kTick.count()));
    if (hear() > 0) return;
    // A pipe that was closed is always ready.
    if ((waiting[0].revents | waiting[1].revents) & (POLLHUP | POLLERR)) poll(nullptr, 0, int(kTick.count()));
  }

  /// Takes what lies in the pipes; how much that was.
  size_t hear() {
    size_t heard = take(answers_, [&](std::string_view part) {
      if (result_.answers.size() <= limits_.answers) result_.answers += part;
    });
    return heard + take(out_, [&](std::string_view part) {
             result_.output += part;
             if (result_.output.size() > limits_.output)
               result_.output.erase(0, result_.output.size() - limits_.output);
           });
  }

  template <class Keep>
  static size_t take(const Handle& pipe, const Keep& keep) {
    std::array<char, 16 << 10> part;
    auto n = read(pipe.get(), part.data(), part.size());
    if (n <= 0) return 0;
    keep({part.data(), size_t(n)});
    return size_t(n);
  }

  /// It is left as it is, so that its number names its group and nobody else's.
  bool has_ended() {
    siginfo_t info = {};
    if (waitid(P_PID, id_t(pid_), &info, WEXITED | WNOHANG | WNOWAIT) != 0) {
      if (errno == EINTR) return false;
      // Whoever ignores its children is not told how they ended.
      pid_ = -1;
      result_.how = ChildEnd::How::exited;
      return true;
    }
    if (info.si_pid == 0) return false;
    result_.how = info.si_code == CLD_EXITED ? ChildEnd::How::exited : ChildEnd::How::killed;
    result_.number = info.si_status;
    return true;
  }

  /// Kills the group and takes leave of the child.
  void end() {
    if (pid_ <= 0) return;
    kill(-pid_, SIGKILL);
    kill(pid_, SIGKILL);  // it may not have made its group yet
    auto last = Clock::now() + kDying;
    while (waitpid(pid_, nullptr, WNOHANG) == 0 && Clock::now() < last) poll(nullptr, 0, 1);
    pid_ = -1;
  }

  std::optional<int> failed_exec() {
    int why = 0;
    return read(error_.get(), &why, sizeof why) == sizeof why ? std::optional(why) : std::nullopt;
  }

  const ChildProgram& program_;
  const ChildLimits& limits_;
  Clock::time_point started_;
  pid_t pid_ = -1;
  Handle out_, answers_, error_;
  ChildEnd result_;
};

}  // namespace

ChildEnd run_child(const ChildProgram& program, const ChildLimits& limits) {
  return Child(program, limits).run();
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
