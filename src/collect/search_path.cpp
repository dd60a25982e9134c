#include "collect/search_path.h"

#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <set>
#include <unordered_map>

#include "base/text.h"
#include "collect/cache.h"
#include "collect/editable.h"
#include "collect/file_names.h"
#include "collect/links.h"
#include "collect/metadata.h"
#include "collect/texts.h"
#include "model/package.h"

namespace cufit::collect {
namespace {

constexpr uint64_t kMaxText = 1 << 20;

bool is_folder(const std::string& path) {
  struct stat st;
  return stat(path.c_str(), &st) == 0 && S_ISDIR(st.st_mode);
}

/// The value of a "key = value" line of pyvenv.cfg, as venv and site read it: keys in any case.
std::string setting(std::string_view text, std::string_view key) {
  for (auto line : split(text, '\n')) {
    auto equals = line.find('=');
    if (equals == line.npos) continue;
    if (lower(trimmed(line.substr(0, equals))) == key) return std::string(trimmed(line.substr(equals + 1)));
  }
  return {};
}

/// "3.12.3" -> "3.12".
std::string minor_version(const std::string& version) {
  auto dot = version.find('.');
  return dot == version.npos ? std::string() : version.substr(0, version.find('.', dot + 1));
}

class Search {
 public:
  Search(const std::string& root, const Wanted& wanted, const std::string& system, Cache& cache, Tree& tree,
         std::vector<Environment>& environments)
      : wanted_(wanted),
        system_(system),
        cache_(cache),
        texts_(system, cache),
        tree_(tree),
        environments_(environments),
        real_root_(follow(root, system).value_or(root)) {
    index(tree.files);
  }

  void search() {
    // Those that are added are looked at as well: a folder of an interpreter has *.pth files of its own.
    for (size_t i = 0; i < environments_.size(); i++) {
      if (environments_[i].sites_are_searched) add_lines(i);
      if (environments_[i].part_of.empty()) add_interpreter(i);
    }
    add_linked_folders();
  }

 private:
  bool lies_in(const std::string& path, const std::string& folder) const {
    return path == folder || path.starts_with(folder + '/');
  }

  void gap(const std::string& path, Text what) { tree_.gaps.push_back({path, {}, std::move(what)}); }

  /// *.pth and *.egg-link by the folder that they lie in.
  void index(const std::vector<std::string>& files) {
    for (auto& file : files)
      if (file.ends_with(".pth") || file.ends_with(".egg-link")) lists_[folder_of(file)].push_back(file);
  }

  struct Line {
    std::string file, text;
  };

  /// What the lists of an environment name: folders, and code that loads the modules of an editable install.
  std::vector<Line> lines_of(const Environment& e) {
    std::vector<Line> out;
    for (auto& site : e.sites)
      for (auto& file : lists_[site]) {
        auto text = texts_.read(file, kMaxText);
        if (!text) gap(file, {"gap.read-error", {{"error", "a list of folders of packages"}}});
        auto all = std::move(text).value_or(std::string());
        for (auto line : split(all, '\n')) {
          line = trimmed(line);
          if (line.empty() || line.starts_with('#')) continue;
          if (!is_code(line) || line.find("editable") != line.npos || changes_path(line))
            out.push_back({file, std::string(line)});
          if (file.ends_with(".egg-link")) break;  // the second line says where setup.py lies
        }
      }
    return out;
  }

  static bool is_code(std::string_view line) {
    return line.starts_with("import ") || line.starts_with("import\t");
  }

  /// Code that adds folders which nobody can tell without running it. What setuptools, coverage and others
  /// leave (a hook before imports, namespaces) does not; the last line of easy-install.pth puts folders that
  /// its other lines name in another order.
  static bool changes_path(std::string_view line) {
    constexpr std::string_view ways[] = {"sys.path", "addsitedir", "addpackage"};
    if (line.find("sys.__plen") != line.npos) return false;
    return runs_other_code(line) || std::ranges::any_of(ways, [&](auto way) { return line.contains(way); });
  }

  /// exec() of what does not stand in the line itself.
  static bool runs_other_code(std::string_view line) {
    constexpr std::string_view call = "exec(";
    for (auto at = line.find(call); at != line.npos; at = line.find(call, at + 1)) {
      auto code = trimmed(line.substr(at + call.size()));
      if (!code.starts_with('\'') && !code.starts_with('"')) return true;
    }
    return false;
  }

  struct Source {
    std::string folder, from;  ///< real, and the file that names it
    bool claimed = false;      ///< what lies there is read as its package's own
  };

  void add_lines(size_t i) {
    auto lines = lines_of(environments_[i]);
    if (lines.empty()) return;
    auto sources = editable_sources(i);
    for (auto& source : sources)
      if (!source.claimed) add_folder(i, source.folder, source.from, false);
    for (auto& [file, line] : lines) {
      if (is_code(line)) {
        if (changes_path(line))
          gap(file, {"gap.path-by-code"});
        else if (!add_what_finder_names(i, file, line, sources) && loads_unread_sources(file, sources))
          gap(file, {"gap.loaded-by-code"});
      } else if (auto folder = absolute(line, folder_of(file)); !is_claimed(folder, sources)) {
        add_folder(i, folder, file, false);
      }
    }
  }

  /// An editable install whose finder can be read as text: folders that it names are looked at. False if it
  /// names none.
  bool add_what_finder_names(size_t i, const std::string& file, std::string_view line,
                             const std::vector<Source>& sources) {
    auto module = trimmed(line.substr(std::string_view("import ").size()));
    module = module.substr(0, module.find_first_of("; \t,."));
    auto finder = folder_of(file) + '/' + std::string(module) + ".py";
    auto text = texts_.read(finder, kMaxText);
    std::set<std::string> folders;  // what contains others comes first
    for (auto& path : paths_in_code(text.value_or(std::string())))
      if (auto real = follow(system_ + path, system_))
        folders.insert(is_folder(*real) ? system_ + path : folder_of(system_ + path));
    for (auto& folder : folders)
      if (!is_claimed(folder, sources)) add_folder(i, folder, finder, false);
    return !folders.empty();
  }

  /// Of a path as Python reads it, where it is for us.
  std::string absolute(std::string_view path, const std::string& folder) const {
    return path.starts_with('/') ? system_ + std::string(path) : folder + '/' + std::string(path);
  }

  /// The folders of editable installs that are there.
  std::vector<Source> editable_sources(size_t i) const {
    std::vector<Source> out;
    for (auto& d : environments_[i].distributions) {
      if (!d.ends_with(".dist-info")) continue;
      auto text = texts_.read(d + "/direct_url.json", kMaxText);
      auto folder = text ? editable_folder(*text) : std::nullopt;
      auto real = folder ? follow(system_ + *folder, system_) : std::nullopt;
      if (real) out.push_back({*real, d + "/direct_url.json", is_folder_of_sources(*real)});
    }
    return out;
  }

  /// Below sources that their package claims, but for folders that it does not look into.
  bool is_claimed(const std::string& folder, const std::vector<Source>& sources) const {
    auto real = follow(folder, system_);
    return real && std::ranges::any_of(sources, [&](const Source& s) {
             if (!s.claimed || !lies_in(*real, s.folder)) return false;
             auto below = std::string_view(*real).substr(s.folder.size());
             return below.find("/.") == below.npos && !(std::string(below) + '/').contains("/build/");
           });
  }

  /// An editable install that a finder of its build system loads. That of setuptools maps names to folders
  /// below the sources; others build into folders of their own choice.
  bool loads_unread_sources(const std::string& file, const std::vector<Source>& sources) const {
    if (!base_name(file).starts_with("__editable__.")) return true;
    auto stem = normalized_name(base_name(file).substr(13));
    return std::ranges::none_of(sources, [&](const Source& s) {
      auto folder = folder_of(s.from);
      auto info = base_name(folder);
      return stem.starts_with(normalized_name(info.substr(0, info.find('-'))) + '-');
    });
  }

  /// What is too much to be read because one line names it: "/", "/usr", somebody's home.
  bool is_broad(const std::string& folder) const {
    auto below = folder.substr(std::min(system_.size(), folder.size()));
    const char* home = std::getenv("HOME");
    return std::ranges::count(below, '/') < 2 || (home && folder == home) ||
           (below.starts_with("/home/") && std::ranges::count(below, '/') < 3);
  }

  void add_folder(size_t i, const std::string& folder, const std::string& from, bool searched) {
    auto real = follow(folder, system_);
    cache_.look(real.value_or(folder));
    if (!real || lies_in(*real, real_root_)) return;  // Python passes it over; or it was walked already
    if (!is_folder(*real)) return gap(from, {"gap.search-path", {{"folder", *real}}});
    auto& looking = environments_[i].part_of.empty() ? environments_[i].root : environments_[i].part_of;
    for (auto& [known, user] : added_)
      if (lies_in(*real, known)) {
        // In two environments the same packages may run beside different ones.
        if (user != looking) gap(from, {"gap.search-path", {{"folder", *real}}});
        return;
      }
    if (is_broad(*real)) return gap(from, {"gap.search-path", {{"folder", *real}}});
    add(i, *real, looking, searched);
  }

  void add(size_t i, const std::string& folder, std::string looking, bool searched) {
    added_.push_back({folder, looking});
    Wanted wanted = wanted_;
    wanted.folder = [this](std::string_view path) { return is_imported(path); };
    auto tree = walk(folder, wanted, cache_.on() ? &cache_ : nullptr, system_);
    Environment e;
    e.root = folder;
    e.sites = {folder};
    e.part_of = std::move(looking);
    e.sites_are_searched = searched;
    e.system = system_;
    e.python = environments_[i].python;
    auto describe = [&](const std::string& path) {
      auto name = base_name(path);
      auto site = name == "EGG-INFO" ? folder_of(folder_of(path)) : folder_of(path);
      if (site == folder && is_distribution_name(name)) e.distributions.push_back(path);
    };
    std::ranges::for_each(tree.folders, describe);
    std::ranges::for_each(tree.files, describe);
    environments_.push_back(std::move(e));
    index(tree.files);
    auto move = [](auto& from, auto& to) { std::ranges::move(from, std::back_inserter(to)); };
    move(tree.folders, tree_.folders);
    move(tree.files, tree_.files);
    move(tree.links, tree_.links);
    move(tree.broken, tree_.broken);
    move(tree.gaps, tree_.gaps);
  }

  /// Among sources lie environments, what version control keeps, and what setuptools leaves of a build.
  bool is_imported(std::string_view path) const {
    std::string folder(path);
    auto name = base_name(path);
    auto parent = folder_of(folder);
    bool left = base_name(parent) == "build" &&
                (name.starts_with("lib.") || name.starts_with("temp.") || name.starts_with("bdist."));
    struct stat st;
    return wanted_.folder(path) && !name.starts_with('.') && !left && folder != real_root_ &&
           stat((folder + "/pyvenv.cfg").c_str(), &st) != 0 && !is_conda_prefix(folder) &&
           std::ranges::none_of(added_, [&](auto& a) { return a.folder == folder; });
  }

  /// include-system-site-packages: what the interpreter itself has, below the folder that holds its bin.
  void add_interpreter(size_t i) {
    auto file = environments_[i].root + "/pyvenv.cfg";
    auto text = texts_.read(file, kMaxText);
    if (!text) return;
    if (lower(setting(*text, "include-system-site-packages")) != "true") return;
    auto home = setting(*text, "home");
    auto version = setting(*text, "version");
    if (version.empty()) version = setting(*text, "version_info");
    auto python = minor_version(version);
    if (python.empty()) python = environments_[i].python;
    auto prefix = home.starts_with('/') ? follow(system_ + home, system_) : std::nullopt;
    bool found = false;
    if (prefix && !python.empty()) {
      *prefix = folder_of(*prefix);
      for (auto& below :
           {"/lib/python" + python + "/site-packages", "/lib64/python" + python + "/site-packages",
            "/lib/python" + python + "/dist-packages",
            "/local/lib/python" + python + "/dist-packages",  // Debian's
            std::string("/lib/python3/dist-packages")}) {
        auto site = follow(*prefix + below, system_).value_or(*prefix + below);
        cache_.look(site);
        if (!is_folder(site)) continue;
        found = true;
        add_folder(i, *prefix + below, file, true);
      }
    }
    if (!found) gap(file, {"gap.system-packages", {{"home", home}}});
  }

  /// site-packages/NAME -> a folder outside, an editable install by hand; or a folder of a package that is
  /// one.
  void add_linked_folders() {
    auto gaps = std::move(tree_.gaps);
    tree_.gaps.clear();
    for (auto& g : gaps) {
      auto has = [&](const std::string& site) { return g.path.starts_with(site + '/'); };
      auto looks_there = [&](const Environment& e) { return std::ranges::any_of(e.sites, has); };
      auto user = g.what.id == "gap.link-outside" ? std::ranges::find_if(environments_, looks_there)
                                                  : environments_.end();
      if (user == environments_.end())
        tree_.gaps.push_back(std::move(g));
      else
        add_folder(size_t(user - environments_.begin()), g.path, g.path, false);
    }
  }

  struct Added {
    std::string folder, looking;
  };

  const Wanted& wanted_;
  const std::string& system_;
  Cache& cache_;
  Texts texts_;
  Tree& tree_;
  std::vector<Environment>& environments_;
  std::string real_root_;
  std::vector<Added> added_;
  std::unordered_map<std::string, std::vector<std::string>> lists_;
};

}  // namespace

void add_search_paths(const std::string& root, const Wanted& wanted, const std::string& system, Cache& cache,
                      Tree& tree, std::vector<Environment>& environments) {
  Search(root, wanted, system, cache, tree, environments).search();
}

}  // namespace cufit::collect
