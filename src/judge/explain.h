// What a log says: the root cause, the line that shows it, what helps, and what else it could be.
#pragma once

#include "knowledge/knowledge.h"
#include "model/report.h"

namespace cufit {

/// A report with the causes as findings, the likeliest first. The caller sets Report::command.
/// `machine`: the machine that the log was written on, or this one; its facts confirm or refute. Null: the log
/// alone decides.
Report explain(Log, const World* machine, const Knowledge&);

}  // namespace cufit
