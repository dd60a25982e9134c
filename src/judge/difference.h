// What differs between two worlds, and which difference decides. Pure.
#pragma once

#include <vector>

#include "knowledge/knowledge.h"
#include "model/difference.h"
#include "model/report.h"

namespace cufit {

/// What two worlds come to, and how they differ.
struct Attribution {
  Compared compared;  ///< without the names of the recordings
  std::vector<Difference> differences;
};

/// The machine with the worse outcome takes over from the other what differs, each difference alone: what
/// then brings the other's outcome decides. If none does so alone, a small set that does is looked for, first
/// among facts of one kind (all that is said of the driver), then machine before variables before packages
/// before files; none of it can be left out, and its members say `with` which others; other sets that do are
/// named beside it. Where both fail nothing decides: neither outcome is one to be had. What is to be
/// explained is the coarsest in which the outcomes differ: that something runs at all before why a warning is
/// there. Those that decide come first, then those that change something else, each in the order of `Topic`.
/// Judges both, once or twice, and then at most 400 times.
Attribution attribute(const World& a, const World& b, const Knowledge&);

std::vector<Difference> differences(const World& a, const World& b, const Knowledge&);

}  // namespace cufit
