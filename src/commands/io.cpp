#include "commands/io.h"

#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "base/write.h"

namespace cufit::commands {

namespace {

/// Has the other end of a pipe been closed?
bool reader_is_gone() {
  pollfd out{STDOUT_FILENO, 0, 0};
  return poll(&out, 1, 0) > 0 && (out.revents & POLLERR);
}

Io::Wrote write_out(std::string_view text) {
  if (text.empty() && reader_is_gone()) return Io::Wrote::reader_gone;
  if (write_all(STDOUT_FILENO, text)) return Io::Wrote::all;
  return errno == EPIPE ? Io::Wrote::reader_gone : Io::Wrote::failed;
}

/// An interrupt ends what is read: what came before it is answered all the same.
Io::Read read_in(std::span<char> out, int wait) {
  pollfd in{STDIN_FILENO, POLLIN, 0};
  if (wait >= 0) {
    int ready = poll(&in, 1, wait);
    if (ready == 0) return {Io::Read::State::nothing_yet};
    if (ready < 0) return {errno == EINTR ? Io::Read::State::end : Io::Read::State::failed};
  }
  auto n = read(STDIN_FILENO, out.data(), out.size());
  if (n < 0) return {errno == EINTR ? Io::Read::State::end : Io::Read::State::failed};
  return {n == 0 ? Io::Read::State::end : Io::Read::State::bytes, size_t(n)};
}

size_t columns_of(int fd) {
  winsize size{};
  return ioctl(fd, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

}  // namespace

Io process_io() {
  signal(SIGPIPE, SIG_IGN);
  Io io;
  io.out = write_out;
  io.in = read_in;
  io.err = [](std::string_view text) { write_all(STDERR_FILENO, text); };
  io.env = [](const char* name) {
    auto* value = getenv(name);
    return std::string(value ? value : "");
  };
  io.variables = [] {
    Variables all;
    for (char** v = environ; v && *v; v++)
      if (std::string_view text = *v; text.find('=') != text.npos)
        all.emplace(text.substr(0, text.find('=')), text.substr(text.find('=') + 1));
    return all;
  };
  io.in_is_terminal = isatty(STDIN_FILENO);
  io.out_is_terminal = isatty(STDOUT_FILENO);
  io.err_is_terminal = isatty(STDERR_FILENO);
  io.columns = io.out_is_terminal ? columns_of(STDOUT_FILENO) : 0;
  return io;
}

}  // namespace cufit::commands
