#include "commands/index_map.h"

#include <algorithm>

#include "commands/address.h"

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

Index Index::of(std::string_view url) {
  Index index;
  index.shown = without_credentials(url);
  while (index.shown.ends_with('/')) index.shown.pop_back();
  std::string_view path = index.shown;
  auto last = path.substr(path.rfind('/') + 1);
  auto has = [&](std::string_view part) { return path.find(part) != path.npos; };
  bool cuda =
      last.starts_with("cu") && last.size() >= 4 && last.find_first_not_of("0123456789", 2) == last.npos;
  bool without_cuda = last.starts_with("cpu") || last.starts_with("rocm") || last == "xpu";
  bool pytorch = has("pytorch.org/whl") || has("pytorch-wheels") || has("/torch");
  index.variant = cuda || without_cuda ? last : "";
  for (auto project : {"llama-cpp-python", "vllm", "flash-attn", "flashinfer"})
    if (has(project)) {
      index.kind = cuda ? Kind::own : Kind::other;
      return index;
    }
  if (has("/nightly") || has("/whl/test"))
    index.kind = Kind::nightly;
  else if (cuda)
    index.kind = Kind::variant;
  else if (without_cuda)
    index.kind = Kind::plain;
  else if (pytorch)
    index.kind = Kind::mixed;
  else if (last != "simple" && last != "pypi" && !path.empty())
    index.kind = Kind::other;
  return index;
}

std::expected<IndexMap, Complaint> IndexMap::from(const Invocation& invocation) {
  IndexMap map;
  for (auto& given : invocation.values("index-map")) {
    auto equals = given.find('=');
    if (equals == 0 || equals == given.npos || equals + 1 == given.size())
      return complain({"index.map-bad", {{"given", without_credentials(given)}}});
    map.prefixes_.emplace_back(given.substr(0, equals), without_credentials(given.substr(equals + 1)));
  }
  auto& indexes = map.indexes_;
  auto add = [&](const std::string& url, bool is_first) {
    auto index = Index::of(url);
    if (index.kind == Index::Kind::variant) {
      auto root = index.shown.substr(0, index.shown.rfind('/'));
      if (root != pytorch_index) map.prefixes_.emplace_back(pytorch_index, root);
    }
    if (is_first)
      indexes.first = std::move(index);
    else
      indexes.more.push_back(std::move(index));
  };
  for (auto* variable : {"UV_INDEX_URL", "UV_DEFAULT_INDEX", "PIP_INDEX_URL"})
    for (auto& url : urls_of(invocation.io().env(variable))) add(url, true);
  for (auto* variable : {"PIP_EXTRA_INDEX_URL", "UV_INDEX"})
    for (auto& url : urls_of(invocation.io().env(variable))) add(url, false);
  return map;
}

std::string IndexMap::variant() const {
  auto is_variant = [](const Index& i) { return i.kind == Index::Kind::variant; };
  if (is_variant(indexes_.first)) return indexes_.first.variant;
  auto found = std::ranges::find_if(indexes_.more, is_variant);
  return found == indexes_.more.end() ? std::string() : found->variant;
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
