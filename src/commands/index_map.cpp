#include "commands/index_map.h"

#include <algorithm>

namespace cufit::commands {

namespace {

constexpr std::string_view pytorch_index = "https://download.pytorch.org/whl";

/// Indexes of one variable: separated by blanks; uv writes NAME=URL.
std::vector<std::string> urls_of(std::string_view value) {
  std::vector<std::string> urls;
  while (!value.empty()) {
    auto space = value.find(' ');
    auto word = value.substr(0, space);
    value = space == value.npos ? std::string_view() : value.substr(space + 1);
    auto equals = word.find("=http");
    if (equals != word.npos) word.remove_prefix(equals + 1);
    while (word.ends_with('/')) word.remove_suffix(1);
    if (!word.empty()) urls.emplace_back(word);
  }
  return urls;
}

}  // namespace

std::string variant_of_index(std::string_view url) {
  while (url.ends_with('/')) url.remove_suffix(1);
  auto slash = url.rfind('/');
  auto last = slash == url.npos ? url : url.substr(slash + 1);
  if (!last.starts_with("cu") || last.size() < 4 || last.find_first_not_of("0123456789", 2) != last.npos)
    return {};
  return std::string(last);
}

std::expected<IndexMap, Complaint> IndexMap::from(const Invocation& invocation) {
  IndexMap map;
  for (auto& given : invocation.values("index-map")) {
    auto equals = given.find('=');
    if (equals == 0 || equals == given.npos || equals + 1 == given.size())
      return complain({"index.map-bad", {{"given", given}}});
    map.prefixes_.emplace_back(given.substr(0, equals), given.substr(equals + 1));
  }
  for (auto* variable :
       {"PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "UV_INDEX", "UV_DEFAULT_INDEX", "UV_INDEX_URL"})
    for (auto& url : urls_of(invocation.io().env(variable))) {
      auto variant = variant_of_index(url);
      if (variant.empty()) continue;
      if (map.variant_.empty()) map.variant_ = variant;
      auto root = url.substr(0, url.rfind('/'));
      if (root != pytorch_index) map.prefixes_.emplace_back(pytorch_index, root);
    }
  return map;
}

void IndexMap::apply(Report& report) const {
  for (auto& finding : report.findings)
    for (auto& remedy : finding.remedies)
      for (auto& command : remedy.commands)
        for (auto& [from, to] : prefixes_)
          if (auto at = command.find(from); at != command.npos) {
            command.replace(at, from.size(), to);
            break;
          }
}

}  // namespace cufit::commands
