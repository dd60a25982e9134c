// Requirements as targets: "torch==2.9.1+cu130" and requirements files become builds of the catalogue.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "commands/invocation.h"
#include "knowledge/knowledge.h"
#include "model/subject.h"

namespace cufit::commands {

/// Does an operand that names no file mean a package? It has a version, or the catalogue has such a package.
bool is_requirement(const std::string& operand, const Knowledge&);

/// The builds that a requirement comes to: the newest release that it allows, from the index of `variant` if
/// it names no local version. One subject for each file that the index may serve.
std::vector<Subject> subjects_of_requirement(const std::string& requirement, const std::string& variant,
                                             const Knowledge&);

/// What a name in a requirements file is to cufit.
enum class Standing {
  judged,     ///< the catalogue has builds of it
  companion,  ///< it comes with such a build: torchvision, nvidia-cudnn-cu12, triton
  suspect,    ///< it holds GPU code by its name, or is nearly the name of a package of the catalogue
  other,      ///< most lines of such a file: packages without GPU code
};
Standing standing_of(const std::string& name, const Knowledge&);

struct RequirementsFile {
  std::vector<std::string> requirements;  ///< lines that name a package, without options and comments
  std::vector<Gap> unread;                ///< lines that could not be understood, with file and line
  std::string variant;                    ///< of an --index-url or --extra-index-url line; empty if none
};

/// Reads a requirements file and those that it includes (-r). Constraints (-c), editable installs and options
/// are passed over.
std::expected<RequirementsFile, Complaint> read_requirements(const std::string& path);

}  // namespace cufit::commands
