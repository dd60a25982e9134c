#include "commands/log_input.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <future>
#include <vector>

namespace cufit::commands {

namespace {

constexpr size_t block = 4 << 20;
constexpr int pause = 200;  // milliseconds in which more may come

/// While it lives an interrupt ends what waits for input, not the program.
class Interruptible {
 public:
  Interruptible() {
    struct sigaction act{};
    act.sa_handler = [](int) {};
    sigaction(SIGINT, &act, &before_);
  }
  ~Interruptible() { sigaction(SIGINT, &before_, nullptr); }
  Interruptible(const Interruptible&) = delete;
  Interruptible& operator=(const Interruptible&) = delete;

 private:
  struct sigaction before_{};
};

/// What is done with bytes as they come.
class Taker {
 public:
  Taker(collect::LogReader& reader, const Invocation* invocation,
        const std::function<void(const Log&)>& found)
      : reader_(reader), found_(found) {
    if (!invocation) return;
    if (invocation->has("tee")) out_ = &invocation->io();
    follows_ = invocation->has("follow");
  }
  bool follows() const { return follows_; }

  /// False: nobody reads what is passed through any more.
  bool take(std::string_view bytes) {
    reader_.take(bytes);
    tell();
    return !out_ || out_->out(bytes) == Io::Wrote::all;
  }
  /// Nothing more came for a while.
  void idle() {
    reader_.flush();
    tell();
  }

 private:
  void tell() {
    auto n = reader_.so_far().sightings.size();
    if (follows_ && n > told_ && found_) found_(reader_.so_far());
    told_ = n;
  }

  collect::LogReader& reader_;
  const std::function<void(const Log&)>& found_;
  const Io* out_ = nullptr;
  bool follows_ = false;
  size_t told_ = 0;
};

std::unexpected<Complaint> refuse(const std::string& path, int error) {
  return complain({"explain.unreadable", {{"path", path}, {"why", std::strerror(error)}}});
}

std::expected<void, Complaint> read_stdin(const Io& io, Taker& taker) {
  std::vector<char> buffer(block);
  while (true) {
    auto got = io.in(buffer, taker.follows() ? pause : -1);
    if (got.state == Io::Read::State::failed) return refuse("stdin", errno);
    if (got.state == Io::Read::State::nothing_yet)
      taker.idle();
    else if (got.state == Io::Read::State::end || !taker.take({buffer.data(), got.n}))
      return {};
  }
}

/// A large file: the next block is read while one is looked at.
std::expected<void, Complaint> read_ahead(int fd, const std::string& path, Taker& taker) {
  std::vector<char> buffers[2] = {std::vector<char>(block), std::vector<char>(block)};
  auto fill = [fd](std::vector<char>* buffer) {
    auto n = read(fd, buffer->data(), buffer->size());
    return std::pair(n, n < 0 ? errno : 0);
  };
  auto next = std::async(std::launch::async, fill, &buffers[0]);
  for (size_t i = 0;; i ^= 1) {
    auto [n, error] = next.get();
    if (n < 0 && error != EINTR) return refuse(path, error);
    if (n <= 0) return {};
    next = std::async(std::launch::async, fill, &buffers[i ^ 1]);
    if (!taker.take({buffers[i].data(), size_t(n)})) return {};
  }
}

struct OpenFile {
  int fd;
  ~OpenFile() {
    if (fd >= 0) close(fd);
  }
};

/// Regular files, and what a shell opens for "<(...)".
std::expected<void, Complaint> read_file(const std::string& path, Taker& taker) {
  OpenFile file{open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (file.fd < 0) return refuse(path, errno);
  struct stat info{};
  if (fstat(file.fd, &info) == 0 && S_ISDIR(info.st_mode)) return refuse(path, EISDIR);
  bool grows = taker.follows() && S_ISREG(info.st_mode);
  posix_fadvise(file.fd, 0, 0, POSIX_FADV_SEQUENTIAL);
  if (S_ISREG(info.st_mode) && !grows && info.st_size > off_t(block)) return read_ahead(file.fd, path, taker);
  std::vector<char> buffer(block);
  while (true) {
    auto n = read(file.fd, buffer.data(), buffer.size());
    if (n < 0) {
      if (errno == EINTR) return {};
      return refuse(path, errno);
    }
    if (n > 0 && !taker.take({buffer.data(), size_t(n)})) return {};
    if (n > 0) continue;
    if (!grows) return {};
    taker.idle();
    if (poll(nullptr, 0, pause) < 0) return {};
  }
}

}  // namespace

std::expected<Log, Complaint> read_log(const Invocation& invocation, const collect::LogMessages& messages,
                                       const std::function<void(const Log&)>& found) {
  collect::LogReader reader(messages);
  Taker taker(reader, &invocation, found);
  std::optional<Interruptible> interruptible;
  if (taker.follows() || invocation.has("tee")) interruptible.emplace();
  auto& named = invocation.operands();
  std::string name;
  std::expected<void, Complaint> ok;
  if (invocation.has("message")) {
    if (!named.empty()) return complain({"explain.file-and-text"});
    for (auto& text : invocation.values("message")) reader.take(text + '\n');
  } else if (named.empty() || named[0] == "-") {
    if (named.empty() && invocation.io().in_is_terminal)
      return complain({"explain.nothing-given"}, {{"explain.how-to-give"}});
    ok = read_stdin(invocation.io(), taker);
  } else {
    name = named[0];
    ok = read_file(name, taker);
  }
  if (!ok) return std::unexpected(ok.error());
  auto log = reader.finish();
  log.name = name;
  return log;
}

std::expected<Log, Complaint> read_log_file(const std::string& path, const collect::LogMessages& messages) {
  collect::LogReader reader(messages);
  std::function<void(const Log&)> nobody;
  Taker taker(reader, nullptr, nobody);
  if (auto ok = read_file(path, taker); !ok) return std::unexpected(ok.error());
  auto log = reader.finish();
  log.name = path;
  return log;
}

}  // namespace cufit::commands
