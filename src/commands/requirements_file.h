// Requirements files as pip reads them (https://pip.pypa.io/en/stable/reference/requirements-file-format/).
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "commands/index_map.h"
#include "commands/outcome.h"
#include "model/image.h"
#include "model/package.h"

namespace cufit::commands {

/// A requirement as a line or an operand has it: with options behind it ("--hash=..."), or as the address of
/// a wheel ("torch @ https://.../torch-2.1.0%2Bcu118-....whl"). Nothing if it is none of these.
std::optional<Requirement> requirement_of(std::string_view line);

struct RequirementsFile {
  std::vector<Requirement> requirements;
  std::vector<Requirement> constraints;  ///< of the files that -c names
  std::vector<Gap> unread;               ///< lines that name what is not judged, with file and line
  std::vector<Text> notes;  ///< options that could change what is installed and were not considered
  Indexes indexes;
};

/// Reads a requirements file and those that it includes (-r, -c); `indexes` are those that hold without it.
/// Complains about files that cannot be read.
std::expected<RequirementsFile, Complaint> read_requirements(const std::string& path, const Indexes& indexes);

}  // namespace cufit::commands
