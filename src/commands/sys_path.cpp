#include "commands/sys_path.h"

#include <algorithm>

#include "base/text.h"

namespace cufit::commands {
namespace {

bool is_below(const std::string& path, const std::string& folder) { return path.starts_with(folder + '/'); }

/// Of a site in its place behind PYTHONPATH. In an environment lib64 comes before lib where Python has both
/// (Fedora). What a *.pth file names (no folder of packages by its name) comes last.
int rank_of(const std::string& site, const std::string& root) {
  bool by_name = site.ends_with("-packages");
  bool of_system = root.empty() || root == "/" || root == "/usr" || root == "/usr/local";
  if (!of_system && is_below(site, root)) return !by_name ? 2 : site.contains("/lib64/") ? 0 : 1;
  if (!by_name) return 6;
  if (site.contains("/.local/lib/")) return 3;
  return is_below(site, "/usr/local") ? 4 : 5;
}

}  // namespace

std::vector<std::string> in_sys_path_order(std::vector<std::string> sites, const std::string& root,
                                           const std::string& python_path, const std::string& cwd) {
  std::vector<std::string> path;
  auto add = [&](std::string folder) {
    while (folder.size() > 1 && folder.ends_with('/')) folder.pop_back();
    if (std::ranges::find(path, folder) == path.end()) path.push_back(std::move(folder));
  };
  // An empty entry is the working directory.
  if (!python_path.empty())
    for (auto entry : split(python_path, ':')) {
      if (entry.starts_with('/'))
        add(std::string(entry));
      else if (!cwd.empty())
        add(entry.empty() ? cwd : cwd + '/' + std::string(entry));
    }
  std::ranges::stable_sort(sites, {}, [&](auto& site) { return rank_of(site, root); });
  for (auto& site : sites) add(std::move(site));
  return path;
}

std::string ctypes_of(const std::string& python, const Files& files) {
  auto program = files.look(python);
  if (!program || program->kind != IndexedFile::Kind::file) return {};
  auto name = std::string(base_name(std::string_view(program->real)));
  if (!name.starts_with("python3.")) return {};
  auto prefix = folder_of(folder_of(program->real));
  for (auto* lib : {"/lib/", "/lib64/"}) {
    auto folder = prefix + lib + name + "/lib-dynload";
    auto found = files.names(folder, "_ctypes.cpython-*.so");
    if (found && !found->empty()) return folder + '/' + found->front();
  }
  return {};
}

std::string site_of(const std::string& path) {
  if (path.ends_with(".dist-info") || path.ends_with(".egg-info")) return folder_of(path);
  for (std::string_view folder : {"/site-packages/", "/dist-packages/"})
    if (auto at = path.find(folder); at != path.npos) return path.substr(0, at + folder.size() - 1);
  return {};
}

}  // namespace cufit::commands
