#include "model/library_path.h"

#include <algorithm>

#include "base/text.h"

namespace cufit {

std::vector<std::string> library_path_entries(std::string_view value) {
  std::vector<std::string> entries;
  if (value.empty()) return entries;
  for (auto part : split(value, ':'))
    for (auto entry : split(part, ';')) entries.emplace_back(entry);
  return entries;
}

std::vector<std::string> library_path_folders(std::string_view value) {
  auto folders = library_path_entries(value);
  std::erase_if(folders, [](auto& f) { return !f.starts_with('/') || f.contains('$'); });
  for (auto& f : folders) f.resize(std::max<size_t>(1, f.find_last_not_of('/') + 1));
  return folders;
}

}  // namespace cufit
