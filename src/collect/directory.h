// What lies below a directory.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "collect/stamp.h"
#include "model/image.h"

namespace cufit::collect {

class Cache;

/// A link whose target lies elsewhere.
struct FileLink {
  std::string path, target;  ///< the target without links
};

/// The names below a directory. All paths begin with the root as given; all lists are sorted.
struct Tree {
  std::vector<std::string> folders;  ///< without the root itself
  std::vector<std::string> files;    ///< regular files
  std::vector<FileLink> links;       ///< to files that lie outside of the root
  std::vector<FileLink> broken;      ///< to nothing, or in a circle; the target as it is written
  std::vector<Gap> gaps;  ///< directories that could not be read, links to folders outside of the root
};

/// Walks `root`. Symbolic links below it are not followed: what they name inside the root is met anyway,
/// files outside are listed as links, and folders outside were not asked for (one gap for each). FIFOs,
/// sockets and devices are passed over. Of files and of links only those are listed whose name (without
/// folders) is `wanted`; a folder whose path is not wanted is listed, but not entered. `system` as in
/// Options.
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

/// One gap for links behind which code could lie, did they lead anywhere: named as libraries are, or as
/// folders. Nothing if there is none.
std::optional<Gap> gap_of_broken(const std::vector<FileLink>& links);

/// The file behind a link, if it is there: by the path of the link, or of its target in a root file system,
/// in which the kernel would follow the link to a file of this machine. With its stamp.
std::optional<FoundFile> file_behind(const FileLink& link, const std::string& system);

struct Listing {
  std::vector<FoundFile> files;  ///< sorted by path; each file once, however many links it has
  /// Those of the walk, and files that could not be looked at. In a root file system also broken links: what
  /// they name may lie on a volume that is no part of it.
  std::vector<Gap> gaps;
};

/// All regular files below `root`, as walk() meets them, and those that links below it name.
Listing list_files(const std::string& root, const std::string& system = {});

}  // namespace cufit::collect
