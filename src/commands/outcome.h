// What a command hands back: the data for stdout with the exit code, or what was wrong with the request.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "model/text.h"

namespace cufit::commands {

/// Why nothing was done: a wrong request or our own failure, always exit code 2. Goes to stderr as
/// "cufit: error: WHAT", a blank line, and "hint: ..." for each hint.
struct Complaint {
  Text what;
  std::vector<Text> hints = {};
};

/// Data for stdout. `exit` is 0 for fits or limited, 1 for unfit, 2 if a target could not be opened, 3 for
/// undecided. `complaint` is about the part of the request that could not be met.
struct Output {
  std::string text;
  int exit = 0;
  std::optional<Complaint> complaint = {};
};

using Outcome = std::expected<Output, Complaint>;

inline std::unexpected<Complaint> complain(Text what, std::vector<Text> hints = {}) {
  return std::unexpected(Complaint{std::move(what), std::move(hints)});
}

}  // namespace cufit::commands
