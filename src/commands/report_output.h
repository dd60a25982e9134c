// What a command hands back whose answer is a report.
#pragma once

#include "commands/invocation.h"
#include "commands/outcome.h"
#include "model/report.h"

namespace cufit::commands {

/// The report in the form and language that were asked for, and the exit code that it gives.
Output output_of(const Report&, const Invocation&);

}  // namespace cufit::commands
