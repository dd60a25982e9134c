// A published build of which no code is listed: what its toolkits can have written bounds what it can hold.
#pragma once

#include <optional>

#include "judge/module.h"
#include "model/subject.h"

namespace cufit {

/// How a member of which nothing is listed fails, whatever it holds; nothing if some code that its toolkits
/// write would run, or the toolkits are not known.
std::optional<ModuleFit> fails_whatever_it_holds(const Member&, const Place&);

}  // namespace cufit
