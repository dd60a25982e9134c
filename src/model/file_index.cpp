#include "model/file_index.h"

#include <algorithm>

namespace cufit {

std::optional<IndexedFile> FileIndex::look(const std::string& path) const {
  if (auto found = files.find(path); found != files.end()) return found->second;
  auto slash = path.rfind('/');
  if (slash == path.npos) return std::nullopt;
  auto folder = slash == 0 ? std::string("/") : path.substr(0, slash);
  if (std::ranges::binary_search(listed, folder)) return IndexedFile{};
  return std::nullopt;
}

}  // namespace cufit
