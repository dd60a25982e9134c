// The whole program inside a test: what a command line prints and returns.
#pragma once

#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "commands/run.h"

namespace cufit::commands {

struct Ran {
  int exit = -1;
  std::string out, err;
};

/// Words parted by spaces.
inline std::vector<std::string> words(const std::string& line) {
  std::istringstream in(line);
  std::vector<std::string> all;
  for (std::string word; in >> word;) all.push_back(word);
  return all;
}

inline std::string example(const std::string& name) { return CUFIT_SOURCE_DIR "/examples/" + name; }

struct Process {
  std::map<std::string, std::string> env = {};
  Io::Wrote writing = Io::Wrote::all;
  bool terminal = false;
  size_t columns = 0;  ///< of the terminal

  Ran operator()(const std::vector<std::string>& args) const {
    Ran ran;
    Io io;
    io.out = [&](std::string_view text) {
      ran.out += text;
      return writing;
    };
    io.err = [&](std::string_view text) { ran.err += text; };
    io.env = [&](const char* name) {
      auto found = env.find(name);
      return found == env.end() ? std::string() : found->second;
    };
    io.variables = [&] { return Variables(env.begin(), env.end()); };
    io.out_is_terminal = terminal;
    io.columns = columns;
    ran.exit = run(args, io);
    return ran;
  }
  Ran operator()(const std::string& line) const { return (*this)(words(line)); }
};

inline Ran cufit(const std::string& line) { return Process{}(line); }

}  // namespace cufit::commands
