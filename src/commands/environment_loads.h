// Which libraries the frameworks of a Python environment load on the machine that was looked at.
#pragma once

#include <string>
#include <vector>

#include "commands/looked_at.h"
#include "knowledge/knowledge.h"

namespace cufit::commands {

/// Of each framework among the subjects of one environment what its import loads. `environment`: its root.
std::vector<Loads> loads_of_frameworks(const std::string& environment, const std::vector<const Subject*>&,
                                       const LookedAt&, const Knowledge&);

}  // namespace cufit::commands
