#include "commands/loads.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <set>

#include "base/text.h"
#include "collect/environment.h"
#include "collect/library_owner.h"
#include "collect/root.h"
#include "commands/sys_path.h"
#include "judge/loading.h"
#include "loader/environment.h"
#include "loader/stops.h"
#include "model/json_fields.h"

namespace cufit::commands {

namespace {

/// A path of this machine or below --root as a path of the file system that begins there.
std::string inside(const std::string& path, const std::string& root) {
  std::error_code ec;
  auto full = std::filesystem::absolute(path, ec).lexically_normal().string();
  if (full.size() > 1 && full.ends_with('/')) full.pop_back();
  auto top = root.empty() ? root : std::filesystem::absolute(root, ec).lexically_normal().string();
  return top.empty() || !full.starts_with(top + '/') ? full : full.substr(top.size());
}

/// The packages that bring CUDA libraries lie in the same folder, or in one of those that the environment
/// looks in besides.
std::vector<std::string> sites_of(const std::vector<const Subject*>& subjects, const LookedAt& at) {
  std::vector<std::string> sites;
  for (auto* s : subjects)
    for (auto& m : s->members)
      for (const char* package :
           {"torch", "nvidia", "triton", "tensorflow", "jaxlib", "cupy", "onnxruntime"}) {
        auto site = site_of(m.bin.path, package);
        if (site.empty()) continue;
        site = inside(site, at.root());
        if (std::ranges::find(sites, site) == sites.end()) sites.push_back(std::move(site));
      }
  return sites;
}

/// bin/python3 of an environment, else of the folder above its packages; empty if none is there.
std::string python_of(const std::string& environment, const Files& files) {
  for (auto* name : {"/bin/python3", "/bin/python"}) {
    auto path = environment + name;
    auto file = files.look(path);
    if (file && file->kind == IndexedFile::Kind::file) return path;
  }
  return {};
}

class EnvironmentLoader {
 public:
  EnvironmentLoader(const LookedAt& at, const Knowledge& k)
      : at_(at), k_(k), settings_(at.loader_settings()) {}

  void add(const std::string& environment, const std::vector<const Subject*>& subjects,
           std::vector<Loads>& out) {
    auto root = inside(environment, at_.root());
    auto python_path = settings_.env.find("PYTHONPATH");
    PythonProcess python{
        python_of(root, at_.files()),
        in_sys_path_order(sites_of(subjects, at_), root,
                          python_path == settings_.env.end() ? "" : python_path->second, settings_.cwd)};
    python.ctypes = ctypes_of(python.program, at_.files());
    for (auto* s : subjects) {
      auto version = PackageVersion::parse(s->version);
      if (!version) continue;
      auto framework = framework_of(k_, normalized_name(s->name), *version, cuda_of(*s));
      if (!framework) continue;
      framework->name = s->name + ' ' + s->version;
      auto result = loads_of_environment(*framework, python, at_.files(), settings_,
                                         owners(environment, python.sys_path));
      result.loads.subject = s->id;
      out.push_back(std::move(result.loads));
    }
  }

 private:
  /// What the build was made with, as far as it is known: "12.8".
  std::string cuda_of(const Subject& s) const {
    if (auto* row = s.build.empty() ? nullptr : k_.build(s.build); row && row->cuda)
      return row->cuda->dotted();
    auto newest = newest_toolkit(s);
    return newest ? newest->text() : std::string();
  }

  /// By the lists of files that the packages in these folders have; of a recording by what it says itself.
  Owners owners(const std::string& environment, const std::vector<std::string>& sites) const {
    if (at_.recorded) return recorded_owners();
    collect::Environment e;
    e.root = environment;
    collect::Root root(at_.root());
    for (auto& site : sites) {
      e.sites.push_back(at_.root() + site);
      auto names = root.names(site);
      for (auto& name : names ? *names : std::vector<std::string>())
        if (collect::is_distribution_name(name)) e.distributions.push_back(at_.root() + site + '/' + name);
    }
    auto found = std::make_shared<collect::LibraryOwners>(std::vector{std::move(e)}, at_.root());
    return [found, system = at_.root()](const std::string& real) {
      auto owner = found->owner_of(system + real);
      return owner ? FileOwner{owner->name, owner->version} : FileOwner{};
    };
  }

  Owners recorded_owners() const {
    std::map<std::string, FileOwner> known;
    for (auto& loads : at_.world.loads)
      for (auto& load : loads.loads)
        if (auto space = load.owner.find(' '); space != load.owner.npos)
          known[load.real] = {load.owner.substr(0, space), load.owner.substr(space + 1)};
    return [known](const std::string& real) {
      auto found = known.find(real);
      return found == known.end() ? FileOwner{} : found->second;
    };
  }

  const LookedAt& at_;
  const Knowledge& k_;
  LoaderSettings settings_;
};

/// A library may get what it needs from whoever opens it; a program ends where it finds nothing.
bool is_program(const std::string& path, const Files& files) {
  auto file = files.look(path);
  return file && file->object && !file->object->interpreter.empty();
}

bool is_host_object(const Subject& s) {
  return s.kind == Subject::Kind::file && s.members.size() == 1 &&
         s.members[0].bin.format == Binary::Format::elf;
}

}  // namespace

std::vector<Loads> loads_of_subjects(std::span<const Subject> subjects, const LookedAt& at,
                                     const Knowledge& k) {
  std::vector<Loads> all;
  std::map<std::string, std::vector<const Subject*>> environments;
  for (auto& s : subjects) {
    if (!s.environment.empty()) environments[s.environment].push_back(&s);
    if (!is_host_object(s)) continue;
    auto path = inside(s.path, at.root());
    all.push_back({s.id, path, "", loads_of(path, {}, at.files(), at.loader_settings())});
    if (is_program(path, at.files())) tell_what_stops(all.back().loads);
  }
  EnvironmentLoader loader(at, k);
  for (auto& [root, members] : environments) loader.add(root, members, all);
  return all;
}

Loads loads_of_maps(const std::string& program, const std::vector<std::string>& paths) {
  Loads loads{"", program, "", {}};
  for (auto& path : paths) {
    Load load;
    load.name = base_name(path);
    load.found = Found::in_maps;
    load.path = load.real = path;
    loads.loads.push_back(std::move(load));
  }
  return loads;
}

}  // namespace cufit::commands
