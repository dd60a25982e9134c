// Everything that a machine shows of itself without a driver call.
#pragma once

#include "collect/container.h"
#include "collect/root.h"
#include "model/observed.h"

namespace cufit::collect {

/// Fills root, os, limits, pci, kernel, nodes, mig and the Fabric Manager. `env`: variables of the process
/// that is asked about. What cannot be read is in the facts; nothing fails as a whole.
Observed observe_machine(const Root& root, const Variables& env);

}  // namespace cufit::collect
