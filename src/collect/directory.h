// The regular files below a directory.
#pragma once

#include <string>
#include <vector>

#include "model/image.h"

namespace cufit::collect {

struct FoundFile {
  std::string path;  ///< begins with the root as given
  uint64_t size = 0;
};

struct Listing {
  std::vector<FoundFile> files;  ///< sorted by path; each file once, however many hard links it has
  std::vector<Gap> gaps;         ///< directories that could not be read, links that lead out of the root
};

/// Walks `root`. Symbolic links below it are not followed: what they name inside the root is met anyway, and
/// what lies outside was not asked for (one gap for each). FIFOs, sockets and devices are passed over.
Listing list_files(const std::string& root);

}  // namespace cufit::collect
