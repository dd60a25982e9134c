#include "commands/io.h"

#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

namespace cufit::commands {

namespace {

Io::Wrote write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    ssize_t n = write(fd, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno == EPIPE ? Io::Wrote::reader_gone : Io::Wrote::failed;
    text.remove_prefix(size_t(n));
  }
  return Io::Wrote::all;
}

size_t columns_of(int fd) {
  winsize size{};
  return ioctl(fd, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

}  // namespace

Io process_io() {
  signal(SIGPIPE, SIG_IGN);
  Io io;
  io.out = [](std::string_view text) { return write_all(STDOUT_FILENO, text); };
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
