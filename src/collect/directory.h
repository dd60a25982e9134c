// What lies below a directory.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "collect/stamp.h"
#include "model/image.h"

namespace cufit::collect {

class Cache;

/// The names below a directory. All paths begin with the root as given; all lists are sorted.
struct Tree {
  std::vector<std::string> folders;  ///< without the root itself
  std::vector<std::string> files;    ///< regular files
  std::vector<Gap> gaps;             ///< directories that could not be read, links that lead out of the root
};

/// Walks `root`. Symbolic links below it are not followed: what they name inside the root is met anyway, and
/// what lies outside was not asked for (one gap for each). FIFOs, sockets and devices are passed over. Of
/// files and of links only those are listed whose name (without folders) is `wanted`; a folder whose path is
/// not wanted is listed, but not entered.
struct Wanted {
  std::function<bool(std::string_view name)> file = [](std::string_view) { return true; };
  std::function<bool(std::string_view path)> folder = [](std::string_view) { return true; };
};
Tree walk(const std::string& root, const Wanted& wanted = {}, Cache* cache = nullptr,
          const std::string& system = {});

struct FoundFile {
  std::string path;  ///< begins with the root as given
  uint64_t size = 0;
  Stamp stamp = {};  ///< not set by list_files
};

struct Listing {
  std::vector<FoundFile> files;  ///< sorted by path; each file once, however many hard links it has
  std::vector<Gap> gaps;         ///< those of the walk, and files that could not be looked at
};

/// All regular files below `root`, as walk() meets them.
Listing list_files(const std::string& root);

}  // namespace cufit::collect
