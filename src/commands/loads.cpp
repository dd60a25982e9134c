#include "commands/loads.h"

#include <algorithm>
#include <iterator>
#include <map>

#include "base/text.h"
#include "commands/environment_loads.h"

namespace cufit::commands {

namespace {

/// A library may get what it needs from whoever opens it; a program ends where it finds nothing.
void tell_what_stops(Loads& process, const Files& files) {
  auto file = files.look(process.start);
  if (!file || !file->object || file->object->interpreter.empty()) return;
  for (auto& load : process.loads)
    // A preload that cannot be loaded is left out with a message.
    load.stops =
        !load.dlopened && !load.by.empty() &&
        ((load.found == Found::not_found && load.place_of.empty()) || !load.missing_versions.empty());
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
    auto path = at.inside(s.path);
    all.push_back({s.id, path, "", loads_of(path, {}, at.files(), at.loader_settings())});
    tell_what_stops(all.back(), at.files());
  }
  for (auto& [root, members] : environments)
    std::ranges::move(loads_of_frameworks(root, members, at, k), std::back_inserter(all));
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
