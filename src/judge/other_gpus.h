// Machines with several GPUs of which one runs a subject and another does not.
#pragma once

#include <optional>
#include <span>

#include "judge/listing.h"
#include "judge/outcome.h"
#include "model/report.h"

namespace cufit {

/// The outcomes of one subject on the GPUs that a program sees together. A GPU that the driver does not show
/// is no error of the first call where it shows another one: it is missing in the list, and its number gives
/// 101.
void settle_not_listed(const Knowledge&, std::span<Outcome* const>);

/// To show programs only those GPUs on which all subjects of the finding run. Nothing if there are none, or
/// if the numbers that CUDA gives are not known.
std::optional<Remedy> use_other_gpus(const Finding&, const Report&, const Listing&);

}  // namespace cufit
