// The whole program as one function.
#pragma once

#include <span>
#include <string>

#include "commands/io.h"

namespace cufit::commands {

/// Runs the command line `args` (without the program's name). Returns the exit code: 0 fits or limited, 1
/// unfit, 2 usage or our own failure, 3 undecided.
int run(std::span<const std::string> args, const Io& io);

}  // namespace cufit::commands
