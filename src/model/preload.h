// Names of libraries to be loaded before all others.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/observed.h"

namespace cufit {

/// Of /etc/ld.so.preload: separated by blanks, line ends and colons; "#" begins a comment that goes to the
/// end of the line.
std::vector<std::string> preload_entries(std::string_view file);

/// Of LD_PRELOAD: separated by spaces and colons. There are no comments, and a tab is part of a name.
std::vector<std::string> preload_variable(std::string_view value);

/// What shares GPUs among containers by a library of this path: "hami", "other"; nothing: none that is known.
std::optional<std::string> sharer_of(std::string_view path);

/// What shares them on a machine: by an entry of /etc/ld.so.preload, by one of LD_PRELOAD, or by a library
/// that programs take for the driver's.
Fact<std::string> sharing_by_library(const std::vector<std::string>& of_file, std::string_view variable,
                                     const std::vector<DriverLibrary>& libraries);

}  // namespace cufit
