#include "collect/machine_environments.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "base/text.h"
#include "collect/distribution.h"
#include "collect/environment.h"
#include "collect/gpu_packages.h"
#include "collect/metadata.h"
#include "collect/variables.h"
#include "model/package.h"

namespace cufit::collect {
namespace {

constexpr size_t kMaxNames = 100'000;     ///< in one folder for packages
constexpr size_t kMaxCandidates = 5'000;  ///< folders that are looked at
constexpr size_t kMaxNamed = 100;         ///< by the *.pth files of one folder
constexpr size_t kMaxText = 64 << 10;

struct Framework {
  size_t rank;
  std::string name, version;
  auto operator<=>(const Framework&) const = default;
};

std::vector<Framework> frameworks(const std::vector<std::string>& names) {
  std::vector<Framework> out;
  for (auto& entry : names) {
    if (!is_distribution_name(entry)) continue;
    auto [name, version] = name_and_version(entry);
    name = normalized_name(name);
    if (auto rank = rank_of_framework(name)) out.push_back({*rank, name, version});
  }
  std::ranges::sort(out);
  auto [first, last] = std::ranges::unique(out);
  out.erase(first, last);
  return out;
}

std::string told(const Framework& f) { return f.version.empty() ? f.name : f.name + ' ' + f.version; }

/// "3.12" of "python3.12"; empty for others.
std::string python_of(std::string_view folder) {
  if (!folder.starts_with("python")) return {};
  auto version = folder.substr(6);
  if (version.ends_with('t')) version.remove_suffix(1);  // free threading has folders of its own
  return version.find('.') != version.npos && Version::parse(version) ? std::string(version) : std::string();
}

struct Site {
  std::string path, python;
};

class Finder {
 public:
  Finder(const Root& root, const Variables& env) : root_(root), env_(env) {}

  MachineEnvironments find(const std::string& cwd) {
    for (auto* active : {"VIRTUAL_ENV", "CONDA_PREFIX"})
      if (auto at = env_.find(active); at != env_.end() && !at->second.empty())
        add_active(at->first, at->second);
    auto python = python_in_path();
    bool of_path = !python.empty() && add(prefix_of(python), "venv");
    if (cwd.starts_with('/')) near(cwd);
    auto homes = home_folders(root_, env_);
    if (homes.empty()) tell("~", {"software.no-home"});
    for (auto& home : homes) below_home(home);
    for (auto& home : homes) conda(home);
    for (auto folder : {"/opt", "/workspace", "/workspaces", "/srv"}) projects(folder);
    add("/venv", "venv");
    conda_prefix("/opt/conda");
    for (auto& home : homes) packages(home + "/.local", "user", false);
    if (!python.empty() && !of_path) packages(prefix_of(root_.real(python).value_or(python)), "system", true);
    packages("/usr", "system", true);
    packages("/usr/local", "system", true);
    if (cut_) out_.unread.push_back({"/", {}, {"software.environments-cut", {{"count", count()}}}});
    std::ranges::stable_sort(out_.found, {}, [](const FoundEnvironment& e) {
      return std::tuple(!e.active, rank(e.kind), e.root, e.python);
    });
    return std::move(out_);
  }

  std::optional<FoundEnvironment> at(const std::string& folder) {
    return add(folder, "venv") ? std::optional(std::move(out_.found.front())) : std::nullopt;
  }

 private:
  static std::string count() { return std::to_string(kMaxEnvironments); }

  static size_t rank(std::string_view kind) {
    constexpr std::string_view kinds[] = {"venv", "uv", "pipx", "conda", "pyenv", "user", "system"};
    return size_t(std::ranges::find(kinds, kind) - std::begin(kinds));
  }

  void tell(const std::string& path, Text what) {
    if (out_.unread.size() < 20) out_.unread.push_back({path, {}, std::move(what)});
  }

  std::vector<std::string> names(const std::string& folder, size_t limit = Root::kMany) {
    auto all = root_.names(folder, limit);
    if (auto* why = std::get_if<Unreadable>(&all.is); why && why->why != "ENOTDIR")
      tell(folder, {"gap.read-error", {{"error", why->why}}});
    return all ? *all : std::vector<std::string>();
  }

  /// Who activated an environment wants to know of it: that it cannot be looked at is said.
  void add_active(const std::string& variable, const std::string& folder) {
    bool absolute = folder.starts_with('/');
    if (absolute && add(folder, variable == "VIRTUAL_ENV" ? "venv" : "conda", true)) return;
    auto seen = absolute ? root_.look(folder) : Fact<struct stat>();
    const char* id = "software.active-no-environment";
    std::string why;
    if (!absolute) {
      id = "software.active-relative";
    } else if (!seen) {
      auto* unreadable = std::get_if<Unreadable>(&seen.is);
      if (unreadable) why = unreadable->why;
      id = unreadable ? "software.active-unreadable" : "software.active-gone";
    } else {
      for (auto& hint : {root_.names(folder).is,
                         no_value<std::vector<std::string>>(root_.head(folder + "/pyvenv.cfg", 1)).is})
        if (auto* unreadable = std::get_if<Unreadable>(&hint); unreadable && why.empty())
          why = unreadable->why;
      if (!why.empty()) id = "software.active-unreadable";
    }
    tell(folder, {id, {{"variable", variable}, {"why", why}}});
  }

  /// What "python3" or "python" starts; empty if nothing does.
  std::string python_in_path() const {
    auto path = env_.find("PATH");
    if (path == env_.end()) return {};
    for (auto folder : split(std::string_view(path->second), ':'))
      for (auto* name : {"/python3", "/python"})
        if (auto python = std::string(folder) + name; folder.starts_with('/') && root_.has(python))
          return python;
    return {};
  }

  /// "/opt/venv" of "/opt/venv/bin/python3".
  static std::string prefix_of(const std::string& python) { return folder_of(folder_of(python)); }

  /// A Python that this user may not start is judged as if it did. Only on this machine: who may start what
  /// in another root file system depends on who runs there.
  void check_interpreter(const std::string& prefix) {
    if (!root_.this_machine()) return;
    for (auto* name : {"/bin/python", "/bin/python3"}) {
      auto path = prefix + name;
      if (access(path.c_str(), X_OK) == 0) return;
      auto why = error_name(errno);
      struct stat st;
      if (lstat(path.c_str(), &st) == 0)
        return tell(path, {"software.interpreter-does-not-start", {{"why", why}}});
    }
  }

  /// True as long as another folder may be looked at.
  bool go_on() {
    if (out_.found.size() < kMaxEnvironments && ++candidates_ <= kMaxCandidates) return true;
    cut_ = true;
    return false;
  }

  /// An environment of its own, if there is one.
  bool add(const std::string& folder, std::string kind, bool active = false) {
    if (!go_on()) return false;
    auto config = root_.head(folder + "/pyvenv.cfg", kMaxText);
    bool conda = !config && root_.has(folder + "/conda-meta/history");
    auto sites = sites_of(folder, false);
    if (!config && !conda && (kind != "pyenv" || sites.empty())) return false;
    auto real = root_.real(folder).value_or(folder);
    if (!seen_.insert(real).second) return true;
    if (conda) kind = "conda";
    if (kind == "venv" && config && config->find("\nuv =") != std::string::npos) kind = "uv";
    FoundEnvironment e{folder, kind, active, {}, {}};
    describe(e, sites);  // one in which nothing is installed counts, too
    if (e.python.empty() && config) e.python = python_of_config(*config);
    out_.found.push_back(std::move(e));
    check_interpreter(folder);
    return true;
  }

  /// PREFIX/lib/python3.12/site-packages and its like.
  std::vector<Site> sites_of(const std::string& prefix, bool distribution) {
    std::vector<Site> out;
    for (std::string lib : {"/lib", "/lib64"}) {
      if (lib == "/lib64" && root_.real(prefix + "/lib64") == root_.real(prefix + "/lib")) continue;
      for (auto& name : names(prefix + lib, kMaxNames)) {
        auto python = python_of(name);
        if (python.empty() && !(distribution && name == "python3")) continue;
        for (std::string packages : {"/site-packages", "/dist-packages"}) {
          auto site = prefix + lib + '/' + name + packages;
          if (root_.has(site)) out.push_back({site, python});
        }
      }
    }
    return out;
  }

  void add_frameworks(const std::string& site, const std::vector<std::string>& entries,
                      std::vector<Framework>& all) const {
    for (auto& f : frameworks(entries)) {
      if (f.name == "torch")
        if (auto text = root_.head(site + "/torch/version.py", kMaxText))
          f.version = with_local_version(f.version, *text);
      all.push_back(std::move(f));
    }
  }

  /// Where Python looks as well: the lines of *.pth files that are folders and no code.
  std::vector<std::string> named_folders(const std::string& site, const std::vector<std::string>& entries) {
    std::vector<std::string> out;
    for (auto& name : entries) {
      auto text = name.ends_with(".pth") ? root_.head(site + '/' + name, kMaxText) : Fact<std::string>();
      if (!text) continue;
      for (auto line : split(std::string_view(*text), '\n')) {
        line = trimmed(line);
        if (line.empty() || line.starts_with('#') || line.starts_with("import ")) continue;
        auto folder = line.starts_with('/') ? std::string(line) : site + '/' + std::string(line);
        if (out.size() < kMaxNamed && root_.has(folder)) out.push_back(std::move(folder));
      }
    }
    return out;
  }

  /// True if anything is installed.
  bool describe(FoundEnvironment& e, const std::vector<Site>& sites) {
    std::vector<Framework> all;
    bool any = false;
    for (auto& site : sites) {
      if (e.python.empty()) e.python = site.python;
      auto entries = names(site.path, kMaxNames);
      any |= std::ranges::any_of(entries, [](auto& name) { return is_distribution_name(name); });
      add_frameworks(site.path, entries, all);
      for (auto& folder : named_folders(site.path, entries))
        add_frameworks(folder, names(folder, kMaxNames), all);
    }
    std::ranges::sort(all);
    auto [first, last] = std::ranges::unique(all);
    all.erase(first, last);
    for (auto& f : all) e.frameworks.push_back(told(f));
    return any;
  }

  static std::string python_of_config(std::string_view config) {
    for (auto line : split(config, '\n')) {
      auto equals = line.find('=');
      auto key = trimmed(line.substr(0, equals));
      if (equals == line.npos || (key != "version" && key != "version_info")) continue;
      auto version = trimmed(line.substr(equals + 1));
      auto minor = version.substr(0, version.find('.', version.find('.') + 1));
      if (Version::parse(minor)) return std::string(minor);
    }
    return {};
  }

  /// The system's or the user's own packages, one for each Python that has any. They are few, and told also
  /// where the list is cut.
  void packages(const std::string& prefix, const std::string& kind, bool distribution) {
    std::map<std::string, std::vector<Site>> by_python;
    auto real = root_.real(prefix);
    if (!real || !seen_.insert(*real).second) return;
    auto python3 = root_.real(prefix + "/bin/python3").value_or(std::string());
    // Debian's /usr/lib/python3 serves every Python 3 of the system; programs use the one that "python3"
    // names.
    auto usual = python_of(base_name(python3));
    for (auto& site : sites_of(prefix, distribution))
      by_python[site.python.empty() ? usual : site.python].push_back(site);
    for (auto& [python, sites] : by_python) {
      FoundEnvironment e{prefix, kind, false, python, {}};
      if (describe(e, sites)) out_.found.push_back(std::move(e));
    }
  }

  void each_below(const std::string& folder, const std::string& kind) {
    for (auto& name : names(folder)) {
      if (out_.found.size() >= kMaxEnvironments || candidates_ > kMaxCandidates) {
        cut_ = true;
        return;
      }
      add(folder + '/' + name, kind);
    }
  }

  void project(const std::string& folder) {
    for (auto* name : {"/.venv", "/venv", "/env"}) add(folder + name, "venv");
  }

  /// Each folder below is an environment or a project that may hold one.
  void projects(const std::string& folder) {
    for (auto& name : names(folder)) {
      if (cut_) return;
      if (!add(folder + '/' + name, "venv")) project(folder + '/' + name);
    }
    project(folder);
  }

  /// As uv looks for it: in the folder and in those above it.
  void near(std::string folder) {
    add(folder, "venv");
    project(folder);
    for (int levels = 0; levels < 8 && folder.size() > 1; levels++) {
      folder.resize(std::max<size_t>(folder.rfind('/'), 1));
      add((folder == "/" ? "" : folder) + "/.venv", "venv");
    }
  }

  void below_home(const std::string& home) {
    for (auto* name : {"/.virtualenvs", "/venvs", "/.venvs", "/envs", "/.local/share/virtualenvs"})
      each_below(home + name, "venv");
    project(home);
    each_below(home + "/.local/share/uv/tools", "uv");
    each_below(home + "/.local/share/pipx/venvs", "pipx");
    each_below(home + "/.local/pipx/venvs", "pipx");
    each_below(home + "/.pyenv/versions", "pyenv");
    if (auto at = env_.find("PYENV_ROOT"); at != env_.end()) each_below(at->second + "/versions", "pyenv");
  }

  void conda_prefix(const std::string& prefix) {
    if (add(prefix, "conda")) each_below(prefix + "/envs", "conda");
  }

  void conda(const std::string& home) {
    for (auto* name : {"/miniconda3", "/anaconda3", "/miniforge3", "/mambaforge", "/micromamba", "/.conda"})
      conda_prefix(home + name);
    each_below(home + "/.conda/envs", "conda");
    each_below(home + "/micromamba/envs", "conda");
    if (auto text = root_.head(home + "/.conda/environments.txt", 1 << 20))
      for (auto line : split(std::string_view(*text), '\n'))
        if (auto folder = trimmed(line); folder.starts_with('/') && !cut_) add(std::string(folder), "conda");
  }

  const Root& root_;
  const Variables& env_;
  MachineEnvironments out_;
  std::set<std::string> seen_;  ///< behind all links
  size_t candidates_ = 0;
  bool cut_ = false;
};

}  // namespace

MachineEnvironments find_machine_environments(const Root& root, const Variables& env,
                                              const std::string& cwd) {
  return Finder(root, env).find(cwd);
}

std::optional<FoundEnvironment> environment_at(const Root& root, const std::string& folder) {
  const Variables none;
  return Finder(root, none).at(folder);
}

}  // namespace cufit::collect
