// Options that cannot be asked together: refused, so that none is ignored without a word.
#pragma once

#include <optional>

#include "commands/invocation.h"

namespace cufit::commands {

/// What cannot be asked together on this command line, with the reason; nothing if all of it counts.
std::optional<Complaint> conflict(const Invocation&);

}  // namespace cufit::commands
