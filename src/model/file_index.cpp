#include "model/file_index.h"

#include <algorithm>

#include "base/text.h"

namespace cufit {

std::optional<IndexedFile> FileIndex::look(const std::string& path) const {
  if (auto found = files.find(path); found != files.end()) return found->second;
  auto folder_of = [](const std::string& p) {
    auto slash = p.rfind('/');
    return slash == 0 ? std::string("/") : p.substr(0, slash == p.npos ? 0 : slash);
  };
  for (std::string at = path; at.size() > 1;) {
    std::string folder = folder_of(at);
    if (std::ranges::binary_search(listed, folder) && !files.contains(at) && !at.ends_with("/.."))
      return IndexedFile{};
    at = std::move(folder);
    auto found = files.find(at);
    if (found == files.end()) continue;
    if (found->second.kind == IndexedFile::Kind::directory && found->second.unreadable.empty())
      return std::nullopt;
    if (found->second.kind == IndexedFile::Kind::file || found->second.unreadable.empty())
      return IndexedFile{};
    return IndexedFile{.kind = IndexedFile::Kind::other, .unreadable = found->second.unreadable};
  }
  return std::nullopt;
}

std::optional<std::vector<std::string>> FileIndex::names(const std::string& folder,
                                                         const std::string& pattern) const {
  if (auto found = matches.find(folder + '/' + pattern); found != matches.end()) return found->second;
  std::vector<std::string> out;
  if (!std::ranges::binary_search(listed, folder)) {
    auto known = look(folder);
    bool none = known && known->unreadable.empty() && known->kind != IndexedFile::Kind::directory;
    return none ? std::optional(out) : std::nullopt;
  }
  auto prefix = folder == "/" ? folder : folder + '/';
  for (auto at = files.lower_bound(prefix); at != files.end() && at->first.starts_with(prefix); ++at) {
    auto name = std::string_view(at->first).substr(prefix.size());
    if (name.find('/') == name.npos && at->second.kind != IndexedFile::Kind::absent &&
        matches_pattern(pattern, name))
      out.emplace_back(name);
  }
  return out.size() > 1 ? std::nullopt : std::optional(out);
}

}  // namespace cufit
