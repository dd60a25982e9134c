// doctor --watch: a line whenever the answer changes.
#pragma once

#include <expected>

#include "commands/invocation.h"
#include "commands/outcome.h"
#include "knowledge/knowledge.h"
#include "model/report.h"

namespace cufit::commands {

/// What `doctor` finds out now.
std::expected<Report, Complaint> examine(const Invocation&, const Knowledge&);

/// Examines again and again, and says on stdout what changed. Ends when nothing fails any more, or when the
/// reader of stdout is gone.
Outcome watch(const Invocation&, const Knowledge&);

}  // namespace cufit::commands
