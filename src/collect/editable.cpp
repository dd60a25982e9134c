#include "collect/editable.h"

#include <unistd.h>

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "collect/cache.h"
#include "collect/directory.h"
#include "collect/file_names.h"
#include "collect/links.h"

namespace cufit::collect {
namespace {

bool exists(const std::string& path) { return access(path.c_str(), F_OK) == 0; }

}  // namespace

std::optional<std::string> editable_folder(std::string_view direct_url) {
  auto json = nlohmann::json::parse(direct_url, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return std::nullopt;
  auto info = json.find("dir_info"), url = json.find("url");
  if (info == json.end() || !info->is_object() || url == json.end() || !url->is_string()) return std::nullopt;
  auto editable = info->find("editable");
  if (editable == info->end() || *editable != true) return std::nullopt;
  std::string_view text = url->get_ref<const std::string&>();
  for (std::string_view scheme : {"file://localhost", "file://"})
    if (text.starts_with(scheme)) {
      text.remove_prefix(scheme.size());
      return text.starts_with('/') ? percent_decoded(text) : std::nullopt;
    }
  return std::nullopt;
}

std::vector<std::string> paths_in_code(std::string_view code) {
  constexpr size_t most = 10'000;
  std::vector<std::string> paths;
  for (auto at = code.find('/'); at != code.npos && paths.size() < most; at = code.find('/', at)) {
    char quote = at > 0 ? code[at - 1] : '\0';
    auto end = quote == '\'' || quote == '"' ? code.find_first_of(std::string{quote, '\n'}, at) : code.npos;
    if (end == code.npos || code[end] == '\n') {
      at++;
      continue;
    }
    paths.emplace_back(code.substr(at, end - at));
    at = end;
  }
  return paths;
}

bool is_folder_of_sources(const std::string& folder) {
  return exists(folder + "/pyproject.toml") || exists(folder + "/setup.py");
}

std::vector<std::string> files_of_sources(const std::string& folder, const std::string& system,
                                          Cache& cache) {
  auto real = follow(system + folder, system);
  cache.look(real.value_or(system + folder));
  if (!real || !is_folder_of_sources(*real)) return {};
  Wanted wanted{may_hold_code, [](std::string_view path) {
                  auto name = base_name(path);
                  auto is_environment = [&](const char* mark) { return exists(std::string(path) + mark); };
                  return !name.starts_with('.') && name != "build" && name != "__pycache__" &&
                         !is_environment("/pyvenv.cfg") && !is_environment("/conda-meta");
                }};
  auto tree = walk(*real, wanted, cache.on() ? &cache : nullptr, system);
  for (auto& link : tree.links) tree.files.push_back(std::move(link.path));
  return std::move(tree.files);
}

}  // namespace cufit::collect
