// Which gaps leave a verdict open.
#pragma once

#include "model/image.h"

namespace cufit {

/// A library that its package lists and that is not there.
inline constexpr const char* gap_file_missing = "gap.file-missing";

/// Can the gap hide GPU code?
bool hides_code(const Gap&);

}  // namespace cufit
