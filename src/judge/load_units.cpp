// What subjects load, as far as two worlds differ in it, and the loader asked again between them.
#include <algorithm>
#include <array>

#include "judge/load_again.h"
#include "judge/world_units.h"

namespace cufit {

namespace {

/// Files of a mixture: what it does not know itself, one of the two worlds may know.
class MixedFiles final : public Files {
 public:
  MixedFiles(const World& mixture, const World& a, const World& b)
      : indexes_{&mixture.files, &a.files, &b.files} {}

  FileAnswer look(const std::string& path) const override {
    for (auto* index : indexes_)
      if (auto file = index->look(path)) return file;
    return {};
  }
  std::optional<std::vector<std::string>> names(const std::string& folder,
                                                const std::string& pattern) const override {
    for (auto* index : indexes_)
      if (auto names = index->names(folder, pattern)) return names;
    return std::nullopt;
  }
  const Fact<std::vector<CachedLibrary>>& ld_cache() const override { return indexes_[0]->ld_cache(); }

 private:
  std::array<const FileIndex*, 3> indexes_;
};

const Loads* loads_of(const World& world, const SubjectId& id) {
  auto at = std::ranges::find(world.loads, id, &Loads::subject);
  return at == world.loads.end() ? nullptr : &*at;
}

/// The first library that comes from another file: the load in `a` and the one in `b`, either may be missing.
std::pair<const Load*, const Load*> first_difference(const Loads& a, const Loads& b,
                                                     const std::string& root_a, const std::string& root_b) {
  auto moved = [&](const std::string& path) {
    return !root_b.empty() && path.starts_with(root_b + '/') ? root_a + path.substr(root_b.size()) : path;
  };
  auto named = [](const Loads& all, const std::string& name) -> const Load* {
    auto at = std::ranges::find(all.loads, name, &Load::name);
    return at == all.loads.end() ? nullptr : &*at;
  };
  for (auto& l : a.loads) {
    if (l.name == a.start || l.path == a.start) continue;  // not loaded, but started
    auto* other = named(b, l.name);
    bool same = other && moved(other->real) == l.real && other->version == l.version &&
                other->stops == l.stops && other->cut_off == l.cut_off &&
                other->missing_versions == l.missing_versions;
    if (!same) return {&l, other};
  }
  for (auto& l : b.loads)
    if (l.name != b.start && l.path != b.start && !named(a, l.name)) return {nullptr, &l};
  return {};
}

std::string words_of(const Load* load) {
  if (!load) return {};
  if (!load->missing_versions.empty()) return load->real + ", which lacks " + load->missing_versions.front();
  if (load->cut_off) return load->real + ", which is cut off";
  if (load->stops) return "not found, and the program ends for it";
  if (load->found == Found::not_found) return "not found";
  return load->version.empty() ? load->real : load->real + " (" + load->version + ')';
}

}  // namespace

void take_loads(World& world, const SubjectId& id, const World& from, const SubjectId& id_there) {
  std::erase_if(world.loads, [&](auto& l) { return l.subject == id; });
  for (auto& l : from.loads) {
    if (l.subject != id_there) continue;
    world.loads.push_back(l);
    world.loads.back().subject = id;
  }
}

void load_mixture(World& mixture, const World& a, const World& b) {
  MixedFiles files(mixture, a, b);
  auto settings = settings_of(mixture.observed.value_or(Observed()), mixture.machine.env);
  for (auto& process : mixture.loads) {
    KnownFiles known;
    for (auto loads : {std::span<const Loads>(&process, 1), std::span(a.loads), std::span(b.loads)})
      known.add(loads);
    // What stays open stays as it was.
    if (auto again = loaded_again(process, files, settings, known)) process.loads = std::move(*again);
  }
}

void add_load_units(const World& a, const World& b, const SubjectNames& names, std::vector<Unit>& units) {
  auto keys_a = names.of(a.subjects), keys_b = names.of(b.subjects);
  for (size_t i = 0; i < keys_a.size(); i++) {
    auto at = std::ranges::find(keys_b, keys_a[i]);
    if (at == keys_b.end()) continue;
    auto& mine = a.subjects[i];
    auto& other = b.subjects[size_t(at - keys_b.begin())];
    auto *loads_a = loads_of(a, mine.id), *loads_b = loads_of(b, other.id);
    if (!loads_a || !loads_b) continue;
    auto [of_a, of_b] = first_difference(*loads_a, *loads_b, mine.environment, other.environment);
    if (!of_a && !of_b) continue;
    Difference is{"loads." + keys_a[i] + '.' + (of_a ? of_a : of_b)->name,
                  !of_a   ? Difference::Kind::added
                  : !of_b ? Difference::Kind::removed
                          : Difference::Kind::changed,
                  words_of(of_a), words_of(of_b)};
    units.push_back({std::move(is), [&b, id = mine.id, id_there = other.id](World& world) {
                       take_loads(world, id, b, id_there);
                     }});
  }
}

}  // namespace cufit
