#include "model/file_index.h"

#include <algorithm>

namespace cufit {

std::optional<IndexedFile> FileIndex::look(const std::string& path) const {
  if (auto found = files.find(path); found != files.end()) return found->second;
  auto folder_of = [](const std::string& p) {
    auto slash = p.rfind('/');
    return slash == 0 ? std::string("/") : p.substr(0, slash == p.npos ? 0 : slash);
  };
  for (std::string at = path; at.size() > 1;) {
    std::string folder = folder_of(at);
    if (std::ranges::binary_search(listed, folder) && !files.contains(at)) return IndexedFile{};
    at = std::move(folder);
    auto found = files.find(at);
    if (found == files.end()) continue;
    if (found->second.kind == IndexedFile::Kind::directory && found->second.unreadable.empty())
      return std::nullopt;
    if (found->second.kind == IndexedFile::Kind::file || found->second.unreadable.empty()) return IndexedFile{};
    return IndexedFile{.kind = IndexedFile::Kind::other, .unreadable = found->second.unreadable};
  }
  return std::nullopt;
}

}  // namespace cufit
