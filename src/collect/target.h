// Targets: what the user names on the command line becomes subjects.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "collect/options.h"
#include "model/subject.h"

namespace cufit::collect {

/// Reads a file, a wheel or a directory. A directory gives one subject for every wheel in it and one for its
/// other files; anything else gives one subject. An error means that the target itself could not be looked
/// at; what could not be read inside is in the subjects' gaps. Ids are left empty. With Options::system links
/// in `path` are followed inside of that root file system, and subjects are named by where they lead.
Result<std::vector<Subject>> read_target(const std::string& path, const Options& options);

/// True if a dynamic section asks for a library of CUDA or of the driver, or is that of the CUDA runtime.
bool needs_cuda(const Dynamic& dyn);

}  // namespace cufit::collect
