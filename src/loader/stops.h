// What keeps a program from starting.
#pragma once

#include <vector>

#include "model/load.h"

namespace cufit {

/// Sets Load::stops in the loads of a process that starts a program, and says whether any is set: what is
/// missing, lacks versions of symbols or is cut off ends it, whoever needs it. A preload that is missing is
/// left out with a message, and what is opened by dlopen is only tried.
bool tell_what_stops(std::vector<Load>& loads);

}  // namespace cufit
