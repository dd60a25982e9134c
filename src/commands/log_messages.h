// The messages that the knowledge has, ready to be looked for in logs.
#pragma once

#include "collect/log_reader.h"
#include "knowledge/knowledge.h"

namespace cufit::commands {

/// The knowledge must outlive the result. Fails on rows of the user whose forms are none.
Result<collect::LogMessages> log_messages(const Knowledge&);

}  // namespace cufit::commands
