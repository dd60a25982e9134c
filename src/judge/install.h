// How to get a published build: the commands of pip, uv and conda.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "judge/choose.h"

namespace cufit {

enum class Installer : uint8_t { pip, uv };

/// "torch==2.9.1+cu126", "torchvision==0.24.1+cu126": the build with its companions, as its index names them.
std::vector<std::string> requirements_of(const PublishedBuild&);

/// The command that installs the build, in an environment of its own or, with `over_same_release`, where
/// another build of the same release is: pip calls a requirement on the release alone satisfied then. Nothing
/// if no index serves the build (BuildRow::install). A build of conda-forge is installed by conda, whatever
/// is asked for.
std::optional<std::string> install_command(const PublishedBuild&, Installer, bool over_same_release = false);

}  // namespace cufit
