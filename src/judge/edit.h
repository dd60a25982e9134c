// Edits: what a remedy of a cause does to the machine, tried on the model.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "judge/causes.h"

namespace cufit {

/// What an edit can change of a world.
struct MachineState {
  Machine machine;
  Observed observed;
  std::vector<Loads> loads;
  bool loads_are_sure = true;  ///< false: the loader had to look where nobody had looked
};

/// The world after the edit. Nothing where it does not apply: the folder is not in the variable, nobody knows
/// which driver a container would get.
std::optional<MachineState> apply(Edit, const CauseArgs&, const World&);

/// What to type for a change of environment variables; empty if none changed.
std::vector<std::string> shell_commands(const Machine& before, const Machine& after);

}  // namespace cufit
