// Which causes the messages of a log speak for, and how strongly.
#pragma once

#include <string_view>
#include <vector>

#include "judge/log_facts.h"

namespace cufit {

/// A message, and the causes that it may have here.
struct Clue {
  const Sighting* sighting;
  std::string_view family;  ///< id of the row that names the causes: equal ones say the same
  MessageRole role;
  struct Cause {
    std::string_view id;
    uint32_t share;  ///< of 100 such logs, in so many it is the cause
  };
  std::vector<Cause> causes;
  const ErrorRow* error = nullptr;  ///< the CUDA error that it carries
  const XidRow* xid = nullptr;
};

/// In the order of the log; messages without a cause here are left out.
std::vector<Clue> clues_of(const Log&, const LogFacts&, const Knowledge&);

/// A cause of the log.
struct RankedCause {
  std::string_view id;
  double score = 0;                ///< 0 to 1
  uint32_t share = 0;              ///< the highest share that a message gives it
  bool first = false;              ///< the first error names it
  std::vector<const Clue*> clues;  ///< in the order of the log
};

/// The likeliest first. The first error of a log counts most: what comes later mostly follows from it.
std::vector<RankedCause> rank(const std::vector<Clue>&);

}  // namespace cufit
