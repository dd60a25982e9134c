#include "loader/paths.h"

#include "base/text.h"

namespace cufit {

std::string normal_path(std::string_view path) {
  std::string out;
  for (auto name : split(path, '/'))
    if (!name.empty() && name != ".") out += '/' + std::string(name);
  return out.empty() ? "/" : out;
}

}  // namespace cufit
