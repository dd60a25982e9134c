#include "commands/environment_loads.h"

#include <algorithm>
#include <map>
#include <memory>

#include "base/text.h"
#include "collect/environment.h"
#include "collect/library_owner.h"
#include "collect/root.h"
#include "commands/sys_path.h"
#include "judge/loading.h"
#include "loader/environment.h"
#include "model/json_fields.h"

namespace cufit::commands {

namespace {

/// The folders in which Python finds what the subjects bring: each is where its metadata lie; without such,
/// where its files do.
std::vector<std::string> sites_of(const std::vector<const Subject*>& subjects, const LookedAt& at) {
  std::vector<std::string> sites;
  auto add = [&](const std::string& path) {
    auto site = site_of(path);
    if (site.empty()) return false;
    site = at.inside(site);
    if (std::ranges::find(sites, site) == sites.end()) sites.push_back(std::move(site));
    return true;
  };
  for (auto* s : subjects)
    if (!add(s->path))
      for (auto& m : s->members) add(m.bin.path);
  return sites;
}

/// bin/python3 or bin/python of an environment, if it is a program and no script that starts one; empty if
/// none is there.
std::string python_of(const std::string& environment, const Files& files) {
  for (auto* name : {"/bin/python3", "/bin/python"}) {
    auto path = environment + name;
    auto file = files.look(path);
    if (file && file->kind == IndexedFile::Kind::file && file->object) return path;
  }
  return {};
}

class EnvironmentLoader {
 public:
  EnvironmentLoader(const LookedAt& at, const Knowledge& k)
      : at_(at), k_(k), settings_(at.loader_settings()) {}

  std::vector<Loads> loads(const std::string& environment,
                           const std::vector<const Subject*>& subjects) const {
    std::vector<Loads> out;
    auto root = at_.inside(environment);
    auto python_path = settings_.env.find("PYTHONPATH");
    PythonProcess python{
        python_of(root, at_.files()),
        in_sys_path_order(sites_of(subjects, at_), root,
                          python_path == settings_.env.end() ? "" : python_path->second, settings_.cwd)};
    python.ctypes = ctypes_of(python.program, at_.files());
    Owners owner_of;
    for (auto* s : subjects) {
      auto version = PackageVersion::parse(s->version);
      if (!version) continue;
      auto framework = framework_of(k_, normalized_name(s->name), *version, cuda_of(*s));
      if (!framework) continue;
      framework->name = s->name + ' ' + s->version;
      if (!owner_of) owner_of = owners(environment, python.sys_path);
      auto result = loads_of_environment(*framework, python, at_.files(), settings_, owner_of);
      result.loads.subject = s->id;
      out.push_back(std::move(result.loads));
    }
    return out;
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

}  // namespace

std::vector<Loads> loads_of_frameworks(const std::string& environment,
                                       const std::vector<const Subject*>& subjects, const LookedAt& at,
                                       const Knowledge& k) {
  return EnvironmentLoader(at, k).loads(environment, subjects);
}

}  // namespace cufit::commands
