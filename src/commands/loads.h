// Which libraries the subjects of a report load on the machine that was looked at.
#pragma once

#include <span>
#include <vector>

#include "commands/looked_at.h"
#include "knowledge/knowledge.h"

namespace cufit::commands {

/// Of each framework that is installed in an environment what its import loads, of each program and library
/// what ld.so takes for it.
std::vector<Loads> loads_of_subjects(std::span<const Subject>, const LookedAt&, const Knowledge&);

/// What a process has mapped, as loads that were not searched for.
Loads loads_of_maps(const std::string& program, const std::vector<std::string>& paths);

}  // namespace cufit::commands
