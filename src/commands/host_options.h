// --arch, --glibc, --python, --compat, --driver-cuda, --platform -> facts of the machine that is judged for.
#pragma once

#include <expected>

#include "commands/invocation.h"
#include "knowledge/knowledge.h"
#include "model/machine.h"

namespace cufit::commands {

/// Sets what the options say. Complains about values that are none of theirs.
std::expected<void, Complaint> add_host_options(Machine&, const Invocation&, const Knowledge&);

/// "3.12" and "cp312" -> "cp312", "3.13t" -> "cp313t"; nothing for anything else.
std::optional<std::string> python_tag(std::string_view given);

}  // namespace cufit::commands
