// The knowledge that a command uses: the tables compiled in, and what the user laid over them.
#pragma once

#include <expected>

#include "commands/invocation.h"
#include "knowledge/knowledge.h"

namespace cufit::commands {

/// The compiled tables with the user's data directory, if there is one, and every --data over them.
std::expected<Knowledge, Complaint> knowledge_for(const Invocation& invocation);

}  // namespace cufit::commands
