#include "collect/environment.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <map>
#include <unordered_map>
#include <unordered_set>

#include "base/text.h"
#include "collect/file_names.h"
#include "collect/links.h"

namespace cufit::collect {
namespace {

std::string_view parent(std::string_view path) {
  auto slash = path.rfind('/');
  return path.substr(0, slash == path.npos ? 0 : std::max<size_t>(slash, 1));
}

/// Goes from `path` up to and including `root`; calls f(folder) until it says true.
template <class F>
bool any_upwards(std::string_view path, std::string_view root, F f) {
  for (; path.size() >= root.size(); path = parent(path)) {
    if (f(path)) return true;
    if (path.size() == root.size()) break;
  }
  return false;
}

bool is_packages_name(std::string_view name) { return name == "site-packages" || name == "dist-packages"; }

class Finder {
 public:
  Finder(const std::string& root, const Tree& tree, const std::string& system)
      : root_(root), system_(system) {
    // "dir/" names the same folder as "dir", and paths below it have one slash only.
    while (root_.size() > 1 && root_.ends_with('/')) root_.remove_suffix(1);
    real_root_ = follow(root, system).value_or(root);
    for (auto& file : tree.files) {
      auto name = base_name(file);
      if (name == "pyvenv.cfg") marked_.emplace(parent(file));
      if (name.ends_with(".egg-info")) describe(file, name);
    }
    for (auto& folder : tree.folders) {
      auto name = base_name(folder);
      if (name == "conda-meta") {
        if (!is_conda_prefix(std::string(parent(folder)))) continue;
        marked_.emplace(parent(folder));
        conda_.emplace(parent(folder));
      } else if (name.ends_with("-info") || name == "EGG-INFO") {
        describe(folder, name);
      } else if (is_packages_name(name)) {
        packages_.push_back(folder);
      }
    }
  }

  std::vector<Environment> find() {
    std::map<std::string, Environment, std::less<>> found;
    for (auto& root : marked_) found[root];
    for (auto& [site, distributions] : sites_) {
      if (is_vendored(site)) continue;
      auto& e = found[std::string(root_of(site))];
      e.sites.push_back(site);
      e.distributions.insert(e.distributions.end(), distributions.begin(), distributions.end());
      if (e.python.empty()) e.python = python_of(site);
    }
    // Those in which no package is installed, but perhaps named by *.pth files.
    for (auto& site : packages_) {
      auto root = root_of(site);
      if (sites_.contains(site) || !marked_.contains(std::string(root))) continue;
      auto& e = found[std::string(root)];
      e.sites.push_back(site);
      if (e.python.empty()) e.python = python_of(site);
    }
    std::vector<Environment> out;
    for (auto& [root, e] : found) {
      e.root = root;
      e.system = system_;
      e.conda = conda_.contains(root);
      std::ranges::sort(e.sites);
      std::ranges::sort(e.distributions);
      out.push_back(std::move(e));
    }
    return out;
  }

 private:
  /// Sources of a package have an egg-info beside them, too: it counts only in a folder for packages.
  void describe(std::string_view path, std::string_view name) {
    auto site = parent(path);
    if (name == "EGG-INFO") site = parent(site);
    bool packages = is_packages_name(name_of(site));
    if (packages ? is_distribution_name(name) : name.ends_with(".dist-info") && is_distribution_name(name))
      sites_[std::string(site)].emplace_back(path);
  }

  std::string_view name_of(std::string_view folder) const {
    return base_name(folder.size() == root_.size() ? std::string_view(real_root_) : folder);
  }

  /// Metadata in a folder of a package, of what the package brings along.
  bool is_vendored(std::string_view site) const {
    if (is_packages_name(name_of(site)) || marked_.contains(std::string(site)) || site.size() <= root_.size())
      return false;
    bool below_site = false;
    any_upwards(parent(site), root_, [&](std::string_view folder) {
      below_site = sites_.contains(std::string(folder));
      return below_site || marked_.contains(std::string(folder));
    });
    return below_site;
  }

  std::string_view root_of(std::string_view site) const {
    std::string_view root;
    if (any_upwards(site, root_, [&](std::string_view folder) {
          root = folder;
          return marked_.contains(std::string(folder));
        }))
      return root;
    // PREFIX/lib/python3.12/site-packages
    auto python = parent(site), lib = parent(python), prefix = parent(lib);
    if (!is_packages_name(name_of(site)) || prefix.size() < root_.size() || !site.starts_with(root_) ||
        !base_name(python).starts_with("python") || !base_name(lib).starts_with("lib"))
      return site;
    // Debian's Python looks in /usr/local/lib/python3.12/dist-packages and in /usr/lib/python3/dist-packages.
    auto usr = parent(prefix);
    if (name_of(site) == "dist-packages" && base_name(prefix) == "local" && usr.size() >= root_.size() &&
        sites_.contains(std::string(usr) + "/lib/python3/dist-packages"))
      return usr;
    return prefix;
  }

  std::string python_of(std::string_view site) const {
    auto real = real_root_ + std::string(site.substr(std::min(root_.size(), site.size())));
    auto name = base_name(parent(real));
    return name.starts_with("python") && name.find('.') != name.npos ? std::string(name.substr(6))
                                                                     : std::string();
  }

  std::string_view root_;
  std::string system_, real_root_;
  std::unordered_set<std::string> marked_, conda_;
  std::vector<std::string> packages_;  ///< site-packages and dist-packages
  std::unordered_map<std::string, std::vector<std::string>>
      sites_;  ///< folder -> what describes packages in it
};

}  // namespace

bool is_distribution_name(std::string_view name) {
  return !name.starts_with('~') && (name == "EGG-INFO" || name.ends_with(".egg-info") ||
                                    (name.ends_with(".dist-info") && name.find('-') < name.size() - 10));
}

bool is_conda_prefix(const std::string& folder) {
  std::error_code ec;
  for (std::filesystem::directory_iterator it(folder + "/conda-meta", ec), end; !ec && it != end;
       it.increment(ec))
    if (it->path().filename() == "history" || it->path().extension() == ".json") return true;
  return false;
}

std::optional<std::string> dangling_interpreter(const std::string& root, const std::string& system) {
  std::optional<std::string> dangling;
  for (auto* name : {"/bin/python", "/bin/python3"}) {
    auto path = root + name;
    std::error_code ec;
    bool link = std::filesystem::is_symlink(path, ec);
    auto target = follow_or_why(path, system);
    if (target) return std::nullopt;
    if (link && !dangling && (target.error() == ENOENT || target.error() == ENOTDIR)) dangling = path;
  }
  return dangling;
}

std::vector<Environment> find_environments(const std::string& root, const Tree& tree,
                                           const std::string& system) {
  return Finder(root, tree, system).find();
}

std::vector<std::string> environments_below(const std::string& system) {
  static constexpr std::array<std::string_view, 10> passed_over = {"/proc",
                                                                   "/sys",
                                                                   "/dev",
                                                                   "/run",
                                                                   "/boot",
                                                                   "/tmp",
                                                                   "/var/lib/docker",
                                                                   "/var/lib/podman",
                                                                   "/var/lib/containerd",
                                                                   "/var/lib/containers"};
  Wanted wanted{[](std::string_view name) { return name == "pyvenv.cfg" || name.ends_with(".egg-info"); },
                [&](std::string_view path) {
                  auto name = base_name(path);
                  auto below = path.substr(system.size());
                  // What packages hold is theirs; only their descriptions are of interest.
                  return !is_packages_name(base_name(parent(path))) && name != "conda-meta" &&
                         name != "pkgs" && name != "__pycache__" &&
                         std::ranges::find(passed_over, below) == passed_over.end();
                }};
  auto tree = walk(system, wanted, nullptr, system);
  std::vector<std::string> out;
  for (auto& e : find_environments(system, tree, system)) out.push_back(e.root);
  return out;
}

std::vector<int> environments_of(const std::vector<std::string>& files,
                                 const std::vector<Environment>& environments) {
  std::unordered_map<std::string_view, int> roots;
  for (size_t i = 0; i < environments.size(); i++) roots[environments[i].root] = int(i);
  std::vector<int> out;
  for (auto& file : files) {
    int found = -1;
    for (auto folder = parent(file); !folder.empty(); folder = parent(folder)) {
      auto it = roots.find(folder);
      if (it != roots.end()) found = it->second;
      if (found >= 0 || folder == "/") break;
    }
    out.push_back(found);
  }
  return out;
}

}  // namespace cufit::collect
