#include "model/file_index.h"

#include <algorithm>

#include "base/text.h"

namespace cufit {

FileAnswer FileIndex::look(const std::string& path) const {
  static const IndexedFile absent;
  // As the kernel answers; and each folder on the way is looked up below, which longer ones would make slow.
  constexpr size_t kPathMax = 4096;
  if (path.size() >= kPathMax)
    return std::make_shared<IndexedFile>(
        IndexedFile{.kind = IndexedFile::Kind::other, .unreadable = "ENAMETOOLONG"});
  if (auto found = files.find(path); found != files.end()) return kept_elsewhere(found->second);
  for (std::string at = path; at.size() > 1;) {
    std::string folder = folder_of(at);
    if (std::ranges::binary_search(listed, folder) && !files.contains(at) && !at.ends_with("/.."))
      return kept_elsewhere(absent);
    at = std::move(folder);
    auto found = files.find(at);
    if (found == files.end()) continue;
    if (found->second.kind == IndexedFile::Kind::directory && found->second.unreadable.empty()) return {};
    if (found->second.kind == IndexedFile::Kind::file || found->second.unreadable.empty())
      return kept_elsewhere(absent);
    return std::make_shared<IndexedFile>(
        IndexedFile{.kind = IndexedFile::Kind::other, .unreadable = found->second.unreadable});
  }
  return {};
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
