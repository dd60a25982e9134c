// Two remedies of which each alone is not enough.
#pragma once

#include <optional>

#include "judge/place.h"

namespace cufit {

/// What makes the subject run at a place where one remedy was carried out already and something else still
/// stops it; nothing if it is a fault of the machine, or nothing that can be tried helps. The place must not
/// keep answers of another one.
std::optional<Remedy> remedy_besides(const Subject&, const Place& changed);

}  // namespace cufit
