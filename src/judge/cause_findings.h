// Findings from causes that the machine shows: consequences folded under their root, remedies judged again.
#pragma once

#include "judge/causes.h"
#include "judge/place.h"

namespace cufit {

/// Adds them to the findings over judgements (find_causes): errors first, and of one severity what the
/// machine shows before what single builds lack.
void add_cause_findings(const World&, const Knowledge&, std::vector<FoundCause>, Report&);

/// What a recording or a look at the machine tells and nobody gave: the driver, and the cuda-compat package
/// whose libcuda is loaded (FC-14).
Machine machine_as_observed(const World&, const Knowledge&);

/// The worst verdict on these pairs in this world; nothing if there are none.
std::optional<Verdict> worst_verdict(const World&, const std::vector<FoundCause>& faults,
                                     const std::vector<std::pair<SubjectId, GpuId>>&, const Knowledge&);

}  // namespace cufit
