// Which gaps leave a verdict open.
#pragma once

#include "model/image.h"

namespace cufit {

/// Can the gap hide GPU code?
bool hides_code(const Gap&);

}  // namespace cufit
