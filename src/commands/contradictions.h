// Where a recording says two things of one machine.
#pragma once

#include <vector>

#include "knowledge/knowledge.h"
#include "model/report.h"

namespace cufit::commands {

/// What the machine of a world says otherwise than what was observed of it: the driver, the GPUs, the folders
/// of libraries. Which of the two is right nobody can tell from here; the texts say which one is judged.
std::vector<Text> contradictions_of(const World&, const Knowledge&);

}  // namespace cufit::commands
