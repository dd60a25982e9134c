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

size_t columns_of(int fd) {
  winsize size{};
  return ioctl(fd, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

}  // namespace

Io process_io() {
  signal(SIGPIPE, SIG_IGN);
  Io io;
  io.out = write_out;
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
  io.out_is_terminal = isatty(STDOUT_FILENO);
  io.err_is_terminal = isatty(STDERR_FILENO);
  io.columns = io.out_is_terminal ? columns_of(STDOUT_FILENO) : 0;
  return io;
}

}  // namespace cufit::commands
