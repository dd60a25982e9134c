#include "judge/together.h"

#include <algorithm>
#include <map>

#include "judge/neighbours.h"
#include "model/package.h"

namespace cufit {

namespace {

/// What a subject asks of a package; null if nothing.
const Dependency* need_of(const Subject& s, const std::string& package) {
  auto found = std::ranges::find(s.dependencies, package, &Dependency::name);
  return found == s.dependencies.end() ? nullptr : &*found;
}

/// True where nothing can be read, too.
bool allows(const Dependency& need, const Subject& other) {
  auto specifier = Specifier::parse(need.specifier);
  auto version = PackageVersion::parse(other.version);
  return !specifier || !version || specifier->allows(*version);
}

/// Both ask for releases of one package that cannot be the same.
bool clash(const Dependency& a, const Dependency& b) {
  auto of_a = Specifier::parse(a.specifier), of_b = Specifier::parse(b.specifier);
  if (a.name != b.name || !of_a || !of_b) return false;
  auto exactly_a = of_a->exactly(), exactly_b = of_b->exactly();
  return (exactly_a && !of_b->allows(*exactly_a)) || (exactly_b && !of_a->allows(*exactly_b));
}

/// The first need of `a` that clashes with one of `b`; null if none does.
const Dependency* clashing(const Subject& a, const Subject& b) {
  for (auto& need : a.dependencies)
    if (std::ranges::any_of(b.dependencies, [&](auto& other) { return clash(need, other); })) return &need;
  return nullptr;
}

}  // namespace

bool needs_clash(const Subject& a, const Subject& b) { return clashing(a, b) != nullptr; }

bool allow_each_other(const Subject& a, const Subject& b) {
  if (clashing(a, b)) return false;
  auto* of_a = need_of(a, normalized_name(b.name));
  auto* of_b = need_of(b, normalized_name(a.name));
  return (!of_a || allows(*of_a, b)) && (!of_b || allows(*of_b, a));
}

void note_conflicts(std::span<const Subject> subjects, std::vector<Judgement>& judgements) {
  std::map<std::string, std::vector<const Subject*>> builds;
  for (auto& s : subjects)
    if (s.kind == Subject::Kind::build && s.environment.empty())
      builds[normalized_name(s.name)].push_back(&s);
  std::map<SubjectId, Note> notes;
  for (auto& [name, list] : builds)
    for (auto* subject : list)
      for (auto& need : subject->dependencies) {
        auto others = builds.find(need.name);
        if (others == builds.end()) continue;
        auto allowed = [&](auto* other) { return allows(need, *other); };
        if (std::ranges::any_of(others->second, allowed)) continue;
        auto& other = *others->second.front();
        notes[subject->id] = {
            std::string(lib_9.id),
            {"note.not-together",
             {{"need", need.name + need.specifier}, {"other", other.name + ' ' + other.version}}}};
      }
  for (auto& [name, list] : builds)
    for (auto& [other_name, others] : builds) {
      if (name == other_name) continue;
      for (auto* subject : list) {
        auto clashes = [&](auto* other) { return clashing(*subject, *other) != nullptr; };
        if (notes.contains(subject->id) || !std::ranges::all_of(others, clashes)) continue;
        auto& need = *clashing(*subject, *others.front());
        notes[subject->id] = {std::string(lib_9.id),
                              {"note.needs-clash",
                               {{"need", need.name + need.specifier},
                                {"other", others.front()->name + ' ' + others.front()->version}}}};
      }
    }
  for (auto& j : judgements)
    if (auto note = notes.find(j.subject); note != notes.end()) j.notes.push_back(note->second);
}

}  // namespace cufit
