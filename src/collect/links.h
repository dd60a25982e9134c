// Symbolic links, followed on this machine or inside of a root file system that lies in a folder.
#pragma once

#include <expected>
#include <optional>
#include <string>

namespace cufit::collect {

/// Where `path` leads when all links are followed; nothing if nothing is there, or links go in a circle.
/// `system`: a folder that is taken as "/": absolute links start there, and ".." does not leave it. `path`
/// begins with it, as given, and so does the result. Empty: the root of this machine.
std::optional<std::string> follow(const std::string& path, const std::string& system = {});

/// The same with the reason, the number of errno: ENOENT, ENOTDIR, EACCES, ELOOP.
std::expected<std::string, int> follow_or_why(const std::string& path, const std::string& system);

/// Inside of a folder that is taken as "/" (not empty).
std::expected<std::string, int> follow_inside(const std::string& path, const std::string& system);

}  // namespace cufit::collect
