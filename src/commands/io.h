// Io: the outside as a command sees it. Tests give their own.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "model/variables.h"

namespace cufit::commands {

struct Io {
  enum class Wrote { all, reader_gone, failed };
  /// stdout: data. An empty text writes nothing, and tells whether somebody still reads.
  std::function<Wrote(std::string_view)> out;
  /// What reading stdin came to.
  struct Read {
    enum class State { bytes, nothing_yet, end, failed } state;
    size_t n = 0;  ///< bytes
  };
  /// stdin: waits for bytes at most so long (milliseconds; negative: as long as it takes).
  std::function<Read(std::span<char>, int wait)> in;
  std::function<void(std::string_view)> err;    ///< stderr: all else; what cannot be written is lost
  std::function<std::string(const char*)> env;  ///< value of an environment variable, empty if not set
  std::function<Variables()> variables;         ///< all that are set
  bool in_is_terminal = false, out_is_terminal = false, err_is_terminal = false;
  size_t columns = 0;  ///< of the terminal behind stdout; 0: not a terminal, or not known
};

/// stdin, stdout and stderr of this process. A reader that goes away gives `reader_gone` instead of a signal.
Io process_io();

}  // namespace cufit::commands
