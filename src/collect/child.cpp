#include "collect/child.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>

#include "collect/child_process.h"

namespace cufit::collect {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

/// How often a child is asked whether it has ended. Its pipes do not tell: others may hold them.
constexpr milliseconds kTick{10};
constexpr milliseconds kDying{200};
/// Read after its end at most: somebody may go on writing.
constexpr size_t kAfterwards = 1 << 20;

/// In the child.
[[noreturn]] void execute(const char* path, char* const* args, char* const* env, int error) {
  execve(path, args, env);
  int why = errno;
  while (write(error, &why, sizeof why) < 0 && errno == EINTR) {
  }
  _exit(127);
}

class Child {
 public:
  Child(const ChildProgram& program, const ChildLimits& limits)
      : program_(program), limits_(limits), started_(Clock::now()) {}
  Child(const Child&) = delete;

  ChildEnd run() {
    result_.number = start();
    if (process_) {
      hear_to_the_end();
      if (auto why = failed_exec()) result_.how = ChildEnd::How::not_started, result_.number = *why;
    }
    result_.time = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - started_);
    return std::move(result_);
  }

 private:
  /// errno, or 0.
  int start() {
    Fd nothing = lifted(open("/dev/null", O_RDONLY | O_CLOEXEC));
    auto out = lifted_pipe(), answers = lifted_pipe(), error = lifted_pipe();
    if (!nothing || !out || !answers || !error) return errno;
    for (auto* pipe : {&*out, &*answers, &*error}) never_block(pipe->reads);
    std::vector<std::string> words = program_.args;
    words.insert(words.begin(), program_.path);
    ExecWords args(std::move(words)), env(program_.env);
    const int descriptors[] = {*nothing, *out->writes, *out->writes, *answers->writes};
    static_assert(std::size(descriptors) == kAnswers + 1);
    pid_t pid = fork_child();
    if (pid == 0) {
      take_descriptors(descriptors, *error->writes);
      execute(program_.path.c_str(), args.list(), env.list(), *error->writes);
    }
    if (pid < 0) return errno;
    process_.emplace(pid);
    out_ = std::move(out->reads), answers_ = std::move(answers->reads), error_ = std::move(error->reads);
    return 0;
  }

  void hear_to_the_end() {
    auto end_of_time = started_ + limits_.time;
    while (!has_ended()) {
      if (result_.answers.size() > limits_.answers) return give_up(ChildEnd::How::flooded);
      if (Clock::now() >= end_of_time) return give_up(ChildEnd::How::late);
      wait_and_hear();
    }
    process_->end(kDying);
    for (size_t heard = 0, more = 1; more > 0 && heard < kAfterwards; heard += more) more = hear();
    if (result_.answers.size() > limits_.answers) result_.how = ChildEnd::How::flooded;
    cut();
  }

  void give_up(ChildEnd::How how) {
    process_->end(kDying);
    hear();
    result_.how = how;
    cut();
  }

  void cut() { result_.answers.resize(std::min(result_.answers.size(), limits_.answers)); }

  void wait_and_hear() {
    pollfd waiting[] = {{*out_, POLLIN, 0}, {*answers_, POLLIN, 0}};
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
  static size_t take(const Fd& pipe, const Keep& keep) {
    std::array<char, 16 << 10> part;
    auto n = read(*pipe, part.data(), part.size());
    if (n <= 0) return 0;
    keep({part.data(), size_t(n)});
    return size_t(n);
  }

  bool has_ended() {
    auto status = process_->ended();
    if (!status) return false;
    // Whoever ignores its children is not told how they ended.
    bool killed = status->how == ChildStatus::How::killed;
    result_.how = killed ? ChildEnd::How::killed : ChildEnd::How::exited;
    result_.number = status->number;
    return true;
  }

  std::optional<int> failed_exec() {
    int why = 0;
    return read(*error_, &why, sizeof why) == sizeof why ? std::optional(why) : std::nullopt;
  }

  const ChildProgram& program_;
  const ChildLimits& limits_;
  Clock::time_point started_;
  std::optional<ChildProcess> process_;
  Fd out_, answers_, error_;
  ChildEnd result_;
};

}  // namespace

ChildEnd run_child(const ChildProgram& program, const ChildLimits& limits) {
  return Child(program, limits).run();
}

}  // namespace cufit::collect
