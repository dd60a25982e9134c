// Findings from causes that the machine shows: consequences folded under their root, remedies judged again.
#pragma once

#include "judge/causes.h"
#include "judge/place.h"

namespace cufit {

/// Adds them to the findings over judgements (find_causes): errors first, and of one severity what the
/// machine shows before what single builds lack. The machine of the report is that of the judgements.
void add_cause_findings(const World&, const Knowledge&, std::vector<FoundCause>, Report&);

}  // namespace cufit
