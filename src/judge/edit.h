// Edits: what a remedy of a cause does to the machine, tried on the model.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "judge/causes.h"

namespace cufit {

using EditArgs = std::vector<std::pair<std::string, std::string>>;

/// The world after the edit. Nothing where it does not apply (the folder is not in the variable, nobody knows
/// which driver a container would get), or where the loader could not be asked again.
std::optional<World> apply(Edit, const EditArgs&, const World&);

/// What to type for a change of environment variables; empty if none changed.
std::vector<std::string> shell_commands(const World& before, const World& after);

}  // namespace cufit
