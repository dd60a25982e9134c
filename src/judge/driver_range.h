// A driver of which only the branch is known: an answer must hold for all that it can be.
#pragma once

#include "judge/judge.h"

namespace cufit {

/// Judges with the driver of the world and with `last`, which bound what the driver can be. Where the answers
/// differ the verdict is unknown, and says between which drivers.
Report judge_between(const World&, const Version& last, const Knowledge&);

/// The same for one of many machines, see judge().
Report judge_between(const Machine&, std::span<const Subject>, const Version& last, const Knowledge&,
                     std::vector<KeptLeastDrivers>& kept);

}  // namespace cufit
