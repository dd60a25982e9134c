#include "commands/progress.h"

#include <signal.h>
#include <unistd.h>

#include <chrono>

#include "render/labels.h"

namespace cufit::commands {

namespace {

using namespace std::chrono_literals;

constexpr char erase_line[] = "\r\x1b[K";

/// Erases the line, then lets the signal do what it would have done.
extern "C" void erase_and_die(int signal) {
  [[maybe_unused]] auto n = write(STDERR_FILENO, erase_line, sizeof erase_line - 1);
  raise(signal);  // SA_RESETHAND has brought the default back; delivered when this handler returns
}

/// While it lives, a signal that would end the process erases the line first.
class EraseOnSignal {
 public:
  EraseOnSignal() {
    struct sigaction act{};
    act.sa_handler = erase_and_die;
    act.sa_flags = SA_RESETHAND;
    for (auto& s : saved_) {
      sigaction(s.signal, nullptr, &s.before);
      if (s.before.sa_handler == SIG_DFL) sigaction(s.signal, &act, nullptr);
    }
  }
  ~EraseOnSignal() {
    for (auto& s : saved_) sigaction(s.signal, &s.before, nullptr);
  }

 private:
  struct Saved {
    int signal;
    struct sigaction before;
  };
  Saved saved_[2] = {{SIGINT, {}}, {SIGTERM, {}}};
};

}  // namespace

ProgressLine::ProgressLine(const collect::Progress& progress, const Io& io, render::Lang lang)
    : progress_(progress), io_(io), lang_(lang) {
  if (io.err_is_terminal) thread_ = std::thread([this] { show(); });
}

ProgressLine::~ProgressLine() {
  if (!thread_.joinable()) return;
  {
    std::lock_guard lock(mutex_);
    done_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void ProgressLine::show() {
  std::unique_lock lock(mutex_);
  auto ended_within = [&](auto time) { return wake_.wait_for(lock, time, [this] { return done_; }); };
  if (ended_within(1s)) return;
  EraseOnSignal erase;
  do io_.err(erase_line + words());
  while (!ended_within(200ms));
  io_.err(erase_line);
}

std::string ProgressLine::words() const {
  uint64_t done = progress_.done, total = progress_.total;
  Text text{"progress.read",
            {{"done", render::size_label(done)}, {"files", std::to_string(progress_.files)}}};
  if (total >= done && total > 0) {
    text.id = "progress.read-of";
    text.args.emplace_back("total", render::size_label(total));
    text.args.emplace_back("percent", std::to_string(uint64_t(100.0 * double(done) / double(total))));
  }
  return render::phrase(text, lang_);
}

}  // namespace cufit::commands
