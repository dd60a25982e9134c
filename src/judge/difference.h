// What differs between two worlds, and which difference decides. Pure.
#pragma once

#include <vector>

#include "knowledge/knowledge.h"
#include "model/difference.h"
#include "model/report.h"

namespace cufit {

/// Differences from `a` to `b`. Each is tried on `a`: those that decide come first, then those that change
/// the outcome, in each group machine before variables before subjects before what was observed before files.
/// If none decides alone, a smallest set that decides is looked for; its members say `with` which others. If
/// both worlds have the same outcome, none is said to decide. Judges at most 300 times.
std::vector<Difference> differences(const World& a, const World& b, const Knowledge&);

}  // namespace cufit
