#include "commands/log_input.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

namespace cufit::commands {

namespace {

constexpr size_t block = 256 << 10;

/// Takes bytes; false: nobody reads what is passed through any more.
class Taker {
 public:
  Taker(collect::LogReader& reader, const Invocation& invocation)
      : reader_(reader), io_(invocation.io()), tees_(invocation.has("tee")) {}
  bool take(std::string_view bytes) {
    reader_.take(bytes);
    return !tees_ || io_.out(bytes) == Io::Wrote::all;
  }

 private:
  collect::LogReader& reader_;
  const Io& io_;
  bool tees_;
};

std::expected<void, Complaint> read_stdin(const Invocation& invocation, Taker& taker) {
  std::vector<char> buffer(block);
  while (true) {
    auto got = invocation.io().in(buffer, -1);
    if (got.state == Io::Read::State::failed) return complain({"explain.unreadable", {{"path", "stdin"}, {"why", std::strerror(errno)}}});
    if (got.state != Io::Read::State::bytes || !taker.take({buffer.data(), got.n})) return {};
  }
}

struct Descriptor {
  int fd;
  ~Descriptor() {
    if (fd >= 0) close(fd);
  }
};

/// Regular files, and what a shell opens for "<(...)".
std::expected<void, Complaint> read_file(const std::string& path, Taker& taker) {
  auto refuse = [&](int error) { return complain({"explain.unreadable", {{"path", path}, {"why", std::strerror(error)}}}); };
  Descriptor file{open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (file.fd < 0) return refuse(errno);
  struct stat info {};
  if (fstat(file.fd, &info) == 0 && S_ISDIR(info.st_mode)) return refuse(EISDIR);
  posix_fadvise(file.fd, 0, 0, POSIX_FADV_SEQUENTIAL);
  std::vector<char> buffer(block);
  while (true) {
    auto n = read(file.fd, buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) return {};
    if (n < 0) return refuse(errno);
    if (n == 0 || !taker.take({buffer.data(), size_t(n)})) return {};
  }
}

}  // namespace

std::expected<Log, Complaint> read_log(const Invocation& invocation, const collect::LogMessages& messages) {
  collect::LogReader reader(messages);
  Taker taker(reader, invocation);
  auto& named = invocation.operands();
  std::string name;
  std::expected<void, Complaint> ok;
  if (invocation.has("message")) {
    for (auto& text : invocation.values("message")) reader.take(text), reader.take("\n");
  } else if (named.empty() || named[0] == "-") {
    if (named.empty() && invocation.io().in_is_terminal) return complain({"explain.nothing-given"}, {{"explain.how-to-give"}});
    ok = read_stdin(invocation, taker);
  } else {
    name = named[0];
    ok = read_file(name, taker);
  }
  if (!ok) return std::unexpected(ok.error());
  auto log = reader.finish();
  log.name = name;
  return log;
}

}  // namespace cufit::commands
