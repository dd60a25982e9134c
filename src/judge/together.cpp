#include "judge/together.h"

#include <algorithm>
#include <map>
#include <optional>

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

/// What in the metadata of `a` keeps it from standing beside `b`.
std::optional<Text> objection(const Subject& a, const Subject& b) {
  auto text = [&](const char* id, const Dependency& need) {
    return Text{id, {{"need", need.name + need.specifier}, {"other", b.name + ' ' + b.version}}};
  };
  if (auto* need = need_of(a, normalized_name(b.name)); need && !allows(*need, b))
    return text("note.not-together", *need);
  if (auto* need = clashing(a, b)) return text("note.needs-clash", *need);
  return std::nullopt;
}

using Alternatives = std::map<std::string, std::vector<const Subject*>>;

/// Of the packages beside `s`, the first of which no release will do.
std::optional<Text> objection_to_all(const Subject& s, const Alternatives& packages) {
  for (auto& [name, releases] : packages) {
    auto objects = [&](auto* other) { return objection(s, *other).has_value(); };
    if (name != normalized_name(s.name) && std::ranges::all_of(releases, objects))
      return objection(s, *releases.front());
  }
  return std::nullopt;
}

}  // namespace

bool needs_clash(const Subject& a, const Subject& b) { return clashing(a, b) != nullptr; }

bool allow_each_other(const Subject& a, const Subject& b) { return !objection(a, b) && !objection(b, a); }

void note_conflicts(std::span<const Subject> subjects, std::vector<Judgement>& judgements) {
  Alternatives packages;
  for (auto& s : subjects)
    if (s.kind == Subject::Kind::build && s.environment.empty())
      packages[normalized_name(s.name)].push_back(&s);
  for (auto& [name, releases] : packages)
    for (auto* subject : releases)
      if (auto text = objection_to_all(*subject, packages))
        for (auto& j : judgements)
          if (j.subject == subject->id) j.notes.push_back({std::string(lib_9.id), *text});
}

}  // namespace cufit
