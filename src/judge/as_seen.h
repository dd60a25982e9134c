// A machine that somebody looked at, judged as it was seen.
#pragma once

#include "judge/judge.h"

namespace cufit {

/// A program that asks for a GPU where none is seen gets an answer all the same: that there is none.
void add_missing_gpu(Machine& machine);

/// Judged with such a GPU if none is seen. The judgements are on "gpu0" then, and the machine of the report
/// has no GPU.
Report judge_as_seen(World, const Knowledge&);

}  // namespace cufit
