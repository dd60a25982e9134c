// Names of packages: what the catalogue is to them.
#pragma once

#include <string>

#include "knowledge/knowledge.h"
#include "model/text.h"

namespace cufit::commands {

/// What a name in a requirements file is to cufit.
enum class Standing {
  judged,     ///< the catalogue has builds of it
  companion,  ///< it comes with such a build: torchvision, nvidia-cudnn-cu12, triton
  suspect,    ///< it holds GPU code by its name, or is nearly the name of a package of the catalogue
  other,      ///< most lines of such a file: packages without GPU code
};
Standing standing_of(const std::string& name, const Knowledge&);

/// Why nothing is known of a package without builds in the catalogue; with what may have been meant.
Text not_in_catalogue(const std::string& name, const Knowledge&);

}  // namespace cufit::commands
