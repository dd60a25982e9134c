#include "commands/loads.h"

#include <algorithm>
#include <iterator>
#include <map>

#include "base/text.h"
#include "commands/environment_loads.h"
#include "loader/stops.h"

namespace cufit::commands {

namespace {

/// A library may get what it needs from whoever opens it; a program ends where it finds nothing.
bool is_program(const std::string& path, const Files& files) {
  auto file = files.look(path);
  return file && file->object && !file->object->interpreter.empty();
}

/// A recording answers for the files that were recorded with it.
bool can_be_asked(const Subject& s, const LookedAt& at) {
  if (!at.recorded) return true;
  auto same = [&](auto& known) { return known.path == s.path && known.environment == s.environment; };
  return std::ranges::any_of(at.world.subjects, same);
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
    if (!can_be_asked(s, at)) continue;
    if (!s.environment.empty()) environments[s.environment].push_back(&s);
    if (!is_host_object(s)) continue;
    auto path = at.inside(s.path);
    all.push_back({s.id, path, "", loads_of(path, {}, at.files(), at.loader_settings())});
    if (is_program(path, at.files())) tell_what_stops(all.back().loads);
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
