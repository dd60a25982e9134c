// Log: what a text that programs have written says, as far as it is known. Found by `collect`, explained by
// `judge`.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "model/text.h"

namespace cufit {

/// A message that was found in it.
struct Sighting {
  std::string message;  ///< id of a row of messages
  uint64_t line = 0;    ///< counted from 1
  std::string text;     ///< the line, readable, without colours; of a long one the part around the message
  std::string stream;   ///< which of several programs wrote it: "rank 3"; empty: the log does not say
  std::map<std::string, std::string> captures = {};  ///< what varies, by name
  bool operator==(const Sighting&) const = default;

  /// Null if nothing of that name was captured.
  const std::string* captured(std::string_view name) const {
    auto at = captures.find(std::string(name));
    return at == captures.end() ? nullptr : &at->second;
  }
};

struct Log {
  std::string name;  ///< the file; empty: standard input or an argument
  uint64_t bytes = 0, lines = 0;
  std::vector<Sighting> sightings = {};  ///< in their order; of what is repeated the first ones
  Sighting ends_with = {};  ///< the last error of its own that a program printed near the end; no line: none
  bool operator==(const Log&) const = default;

  bool has(std::string_view message) const {
    for (auto& s : sightings)
      if (s.message == message) return true;
    return false;
  }
};

/// A log, and what was made of it.
struct ExplainedLog {
  enum class Outcome : uint8_t {
    cause,          ///< the findings say which
    program_error,  ///< it ends with an error of the program, and nothing in it is a fault that is known
    nothing,        ///< nothing in it failed, as far as is known
  };
  Log log;
  Outcome outcome = Outcome::nothing;
  std::vector<Text> facts = {};  ///< versions, GPUs and settings that it tells
  Text machine = {};  ///< why the machine that was looked at does not count; empty: it does, or there is none
  bool operator==(const ExplainedLog&) const = default;
};

}  // namespace cufit
