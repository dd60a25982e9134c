#include "loader/paths.h"

#include "base/text.h"

namespace cufit {

namespace {

/// Most paths are, and a search asks for thousands.
bool is_normal(std::string_view path) {
  if (path.size() < 2 || path[0] != '/' || path.ends_with('/') || path.ends_with("/.")) return false;
  return path.find("//") == path.npos && path.find("/./") == path.npos;
}

}  // namespace

std::string normal_path(std::string_view path) {
  if (is_normal(path)) return std::string(path);
  std::string out;
  for (auto name : split(path, '/'))
    if (!name.empty() && name != ".") out += '/' + std::string(name);
  return out.empty() ? "/" : out;
}

}  // namespace cufit
