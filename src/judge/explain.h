// What a log says: the root cause, the line that shows it, what helps, and what else it could be.
#pragma once

#include "knowledge/knowledge.h"
#include "model/report.h"

namespace cufit {

/// A report with the causes as findings, the likeliest first; those behind it are what else it could be
/// (severity info). Where the log tells the build of PyTorch and the GPU, the report holds their judgement,
/// and remedies were tried on it. The caller sets Report::command.
///
/// `machine`: one that was looked at; null: the log alone decides. `named`: the user says that the log is of
/// it; else it counts only where nothing speaks against it.
Report explain(Log, const World* machine, bool named, const Knowledge&);

}  // namespace cufit
