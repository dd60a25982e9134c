// What a machine would have shown of its libraries to a process with other variables.
#pragma once

#include <map>
#include <string>

#include "model/observed.h"

namespace cufit {

/// Takes what `before` decided out of it and puts in what `after` decides: LD_LIBRARY_PATH (how a program
/// comes to each of the driver's libraries), LD_PRELOAD, and by both what shares the GPUs. Libraries in
/// folders where nobody looked stay unknown.
void see_with(Observed&, const std::map<std::string, std::string>& before,
              const std::map<std::string, std::string>& after);

}  // namespace cufit
