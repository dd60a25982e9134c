// The remedies of a cause: what its row names, tried on the model and judged again.
#pragma once

#include <utility>
#include <vector>

#include "judge/causes.h"
#include "model/report.h"

namespace cufit {

using JudgedPairs = std::vector<std::pair<SubjectId, GpuId>>;

/// A machine that was judged, and all causes that it shows.
struct CauseSituation {
  const World& world;
  const Knowledge& knowledge;
  const std::vector<FoundCause>& causes;
};

/// Those that help, each once. `on`: the judgements that the cause has to do with; their worst verdict after
/// the remedy is Remedy::after.
std::vector<Remedy> remedies_of(const FoundCause&, const JudgedPairs& on, const CauseSituation&);

}  // namespace cufit
