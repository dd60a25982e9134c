#include "commands/requirements.h"

#include <algorithm>
#include <numeric>
#include <optional>

#include "commands/requirements_file.h"
#include "commands/standing.h"
#include "judge/build_subject.h"
#include "judge/host.h"

namespace cufit::commands {

namespace {

using Rows = std::span<const BuildRow* const>;

/// The newest release that the catalogue can name and that is allowed: ends of lines of releases, and what
/// the requirement itself names within a line.
PackageVersion newest_allowed(const Specifier& specifier, Rows rows) {
  PackageVersion best;
  auto consider = [&](const PackageVersion& version) {
    if (specifier.allows(version) && (best.release().empty() || best < version)) best = version;
  };
  for (auto* row : rows) {
    for (auto& version : named_releases(*row)) consider(version);
    for (auto& bound : specifier.bounds())
      if (covers(*row, bound)) consider(bound);
  }
  return best;
}

/// A release that an index serves.
struct Served {
  enum class Answer { none, unknown, found };
  Answer answer = Answer::none;
  PackageVersion version = {};
  std::string local = {};  ///< as the index names its file
  BuildMatch match = {};   ///< no rows: a build without CUDA code
};

bool is_on_pytorch_index(Rows rows) {
  return std::ranges::any_of(rows,
                             [](auto* row) { return row->index.find("pytorch.org") != row->index.npos; });
}

PackageVersion best_version(const Requirement& r, Rows rows) {
  auto exact = r.specifier.exactly();
  return exact ? *exact : newest_allowed(r.specifier, rows);
}

/// The best release among some rows.
Served best_of_rows(const Requirement& r, std::vector<const BuildRow*> rows) {
  Served served;
  served.version = best_version(r, rows);
  if (served.version.release().empty()) return served;
  std::erase_if(rows, [&](auto* row) { return !covers(*row, served.version); });
  served.match.rows = std::move(rows);
  if (!served.match.rows.empty()) served.answer = Served::Answer::found;
  return served;
}

Served of_default_index(const Requirement& r, Rows rows, const Knowledge& k) {
  Served served;
  served.version = best_version(r, rows);
  if (served.version.release().empty()) return served;
  served.match = find_build(k, r.name, served.version);
  if (!served.match.rows.empty()) served.answer = Served::Answer::found;
  return served;
}

Served served_by(const Index& index, const Requirement& r, Rows rows, bool is_first, bool takes_nightly,
                 const Knowledge& k) {
  using Kind = Index::Kind;
  const Served unknown{Served::Answer::unknown};
  std::vector<const BuildRow*> kept;
  auto keep = [&](auto&& wanted) { std::ranges::copy_if(rows, std::back_inserter(kept), wanted); };
  if (index.kind == Kind::usual) return of_default_index(r, rows, k);
  if (index.kind == Kind::other) return is_first ? of_default_index(r, rows, k) : Served{};
  if (index.kind == Kind::own) {
    if (index.shown.find(r.name) == index.shown.npos) return is_first ? unknown : Served{};
    keep([&](auto* row) { return is_for(*row, index.variant); });
    return best_of_rows(r, std::move(kept));
  }
  if (!is_on_pytorch_index(rows)) return is_first ? unknown : Served{};
  if (index.kind == Kind::mixed) return unknown;
  if (index.kind == Kind::nightly) return is_first || takes_nightly ? unknown : Served{};
  if (index.kind == Kind::variant) {
    keep([&](auto* row) { return row->local == index.variant; });
    auto served = best_of_rows(r, std::move(kept));
    served.local = index.variant;
    return served;
  }
  // Builds without CUDA are published for every release.
  auto served = of_default_index(r, rows, k);
  served.local = index.variant;
  served.match = {};
  return served;
}

Subject undecided(const Requirement& r, const std::string& version, Text why) {
  auto s = unknown_build(r.name, version, std::move(why));
  if (version.empty()) s.path += r.specifier.text();
  for (auto& gap : s.unread) gap.path = s.path;
  return s;
}

Text without_cuda(const std::string& name, std::string_view local) {
  if (local.starts_with("cpu")) return {"gap.cpu-build", {{"name", name}}};
  return {"gap.other-gpus",
          {{"name", name}, {"what", local.starts_with("rocm") ? "ROCm (AMD)" : "XPU (Intel)"}}};
}

bool is_without_cuda(std::string_view local) {
  return local.starts_with("cpu") || local.starts_with("rocm") || local.starts_with("xpu");
}

/// One subject for each file that it may be.
std::vector<Subject> subjects_of(const Knowledge& k, const PackageVersion& version, const BuildMatch& match) {
  std::vector<Subject> subjects;
  std::vector<const BuildRow*> variants;
  for (auto* row : match.rows) {
    if (row->is_variant)
      variants.push_back(row);
    else
      subjects.push_back(subject_of_build(k, std::span(&row, 1), version, {}, match.beyond));
  }
  if (!variants.empty()) subjects.push_back(subject_of_build(k, variants, version, {}, match.beyond));
  return subjects;
}

/// A version with a local part names its build, wherever it comes from.
std::vector<Subject> subjects_of_local(const Requirement& r, const PackageVersion& version,
                                       const Knowledge& k) {
  auto match = find_build(k, r.name, version);
  if (!match.rows.empty()) return subjects_of(k, version, match);
  auto text = version.text() + '+' + version.local();
  if (is_without_cuda(version.local())) return {undecided(r, text, without_cuda(r.name, version.local()))};
  return {undecided(r, text, {"gap.release-not-in-catalogue", {{"name", r.name}}})};
}

/// What an installer takes: the highest release of all indexes, of equal ones the highest local version.
std::vector<Subject> subjects_of_indexes(const Requirement& r, Rows rows, const Indexes& indexes,
                                         const Knowledge& k) {
  auto exact = r.specifier.exactly();
  auto asked = exact ? exact->text() : std::string();
  std::vector<Index> all = {indexes.first};
  all.insert(all.end(), indexes.more.begin(), indexes.more.end());
  std::optional<Served> best;
  for (auto& index : all) {
    auto served = served_by(index, r, rows, &index == &all.front(), indexes.takes_nightly, k);
    if (served.answer == Served::Answer::unknown)
      return {undecided(r, asked, {"gap.index-not-known", {{"name", r.name}, {"index", index.shown}}})};
    if (served.answer == Served::Answer::none) continue;
    if (!best || best->version < served.version ||
        (best->version == served.version && PackageVersion::compare_locals(best->local, served.local) < 0))
      best = std::move(served);
  }
  if (best && best->match.rows.empty())
    return {undecided(r, best->version.text() + '+' + best->local, without_cuda(r.name, best->local))};
  if (best) return subjects_of(k, best->version, best->match);
  if (all.size() == 1 && all.front().kind != Index::Kind::usual && all.front().kind != Index::Kind::other)
    return {undecided(r, asked, {"gap.index-serves-none", {{"name", r.name}, {"index", all.front().shown}}})};
  return {undecided(r, asked, {"gap.release-not-in-catalogue", {{"name", r.name}}})};
}

/// JAX itself holds no code: its extra names the package that does.
/// https://docs.jax.dev/en/latest/installation.html
void follow_extra(Requirement& r, Resolved& resolved, const Knowledge& k) {
  if (r.name != "jax") return;
  for (auto& extra : r.extras) {
    if (!extra.starts_with("cuda1") || extra.size() < 6) continue;
    auto major = extra.substr(4, 2);
    auto exact = r.specifier.exactly();
    auto plugin = "jax-cuda" + major + "-plugin";
    auto rows = builds_of(k, plugin);
    bool has_plugin = !rows.empty() &&
                      (!exact || std::ranges::any_of(rows, [&](auto* row) { return covers(*row, *exact); }));
    r.name = plugin;
    // Before the plugins there were builds of jaxlib with CUDA.
    if (!has_plugin && exact)
      for (auto* row : builds_of(k, "jaxlib"))
        if (covers(*row, *exact) && is_for(*row, "cuda" + major)) {
          auto local = row->local.empty() ? "cuda" + major : std::string(row->local);
          r.name = "jaxlib";
          r.specifier = *Specifier::parse("==" + exact->text() + '+' + local);
          break;
        }
    resolved.notes.push_back({"note.jax-extra", {{"extra", extra}, {"name", r.name}}});
    return;
  }
}

/// Does a marker hold on any of the machines?
std::optional<bool> holds(const std::string& marker, const Installation& i) {
  if (marker.empty()) return true;
  if (i.places.empty()) return collect::marker_holds(marker, {{}, {}, collect::MarkerPlace::System::unknown});
  bool open = false;
  for (auto& place : i.places) {
    auto here = collect::marker_holds(marker, place);
    if (here == true) return true;
    open |= !here;
  }
  return open ? std::nullopt : std::optional(false);
}

void constrain(Requirement& r, const Installation& i, Resolved& resolved) {
  for (auto& c : i.constraints) {
    if (c.name != r.name || c.specifier.text().empty()) continue;
    auto here = holds(c.marker, i);
    if (here == false) continue;
    if (!here) resolved.notes.push_back({"note.marker-open", {{"marker", c.marker}}});
    r.specifier.join(c.specifier);
    resolved.notes.push_back({"note.constraint", {{"constraint", c.name + c.specifier.text()}}});
  }
}

}  // namespace

bool is_requirement(const std::string& operand, const Knowledge& k) {
  auto requirement = requirement_of(operand);
  if (!requirement) return false;
  if (requirement->by_address) return true;
  auto words = operand.substr(0, operand.find(';'));
  if (words.find('/') != words.npos) return false;
  return !requirement->specifier.text().empty() || !requirement->extras.empty() ||
         !requirement->marker.empty() || !builds_of(k, requirement->name).empty();
}

std::vector<collect::MarkerPlace> places_of(std::span<const Machine> machines) {
  using System = collect::MarkerPlace::System;
  std::vector<collect::MarkerPlace> places;
  for (auto& m : machines) {
    collect::MarkerPlace place;
    if (auto* arch = m.arch.get()) place.machine = *arch;
    place.system = m.platform == Machine::Platform::windows ? System::windows : System::linux;
    // "cp312", "cp313t"
    if (auto* tag = m.python.get(); tag && tag->size() > 3 && tag->starts_with("cp3"))
      place.python = "3." + tag->substr(3, tag->find_first_not_of("0123456789", 3) - 3);
    places.push_back(std::move(place));
  }
  return places;
}

Resolved resolve(Requirement r, const Installation& i, const Knowledge& k) {
  Resolved resolved;
  auto here = holds(r.marker, i);
  resolved.skipped = here == false;
  if (!here) resolved.notes.push_back({"note.marker-open", {{"marker", r.marker}}});
  constrain(r, i, resolved);
  if (auto asked = r.name; follow_extra(r, resolved, k), r.name != asked) constrain(r, i, resolved);
  resolved.name = r.name;
  auto rows = builds_of(k, r.name);
  if (resolved.skipped) return resolved;
  auto exact = r.specifier.exactly();
  if (rows.empty()) {
    auto text = exact ? exact->text() + (exact->local().empty() ? "" : '+' + exact->local()) : std::string();
    resolved.subjects = {undecided(r, text, not_in_catalogue(r.name, k))};
    return resolved;
  }
  if (r.specifier.excludes_all()) {
    resolved.subjects = {undecided(r, {}, {"gap.no-release-allowed", {{"specifier", r.specifier.text()}}})};
    return resolved;
  }
  if (r.by_address && exact->local().empty()) resolved.notes.push_back({"note.wheel-by-name"});
  if (!r.specifier.exactly()) resolved.notes.push_back({"note.newest-known"});
  resolved.notes.insert(resolved.notes.end(), i.notes.begin(), i.notes.end());
  for (auto& index : i.indexes.more)
    if (index.kind == Index::Kind::other)
      resolved.notes.push_back({"note.index-not-considered", {{"index", index.shown}}});
  bool names_build = exact && !exact->local().empty();
  resolved.subjects =
      names_build ? subjects_of_local(r, *exact, k) : subjects_of_indexes(r, rows, i.indexes, k);
  return resolved;
}

std::vector<Resolved> resolve_set(std::span<const Requirement> requirements, const Installation& installation,
                                  const Knowledge& k) {
  // Who names a release pins for the others; of the rest PyTorch is last, since extensions pin it.
  auto rank = [&](size_t i) {
    return requirements[i].specifier.exactly() ? 0 : requirements[i].name != "torch" ? 1 : 2;
  };
  std::vector<size_t> order(requirements.size());
  std::iota(order.begin(), order.end(), size_t(0));
  std::ranges::stable_sort(order, {}, rank);
  auto with_pins = installation;
  std::vector<Resolved> all(requirements.size());
  auto is_known = [](const Resolved& r) {
    return std::ranges::any_of(r.subjects, [](auto& s) { return !s.build.empty(); });
  };
  for (auto i : order) {
    bool open = rank(i) > 0;
    all[i] = resolve(requirements[i], open ? with_pins : installation, k);
    if (open && !all[i].skipped && !is_known(all[i])) all[i] = resolve(requirements[i], installation, k);
    for (auto& subject : all[i].subjects)
      for (auto& d : subject.dependencies)
        if (auto pin = Specifier::parse(d.specifier); pin && pin->exactly())
          with_pins.constraints.push_back({d.name, {}, *pin, {}});
  }
  return all;
}

std::vector<Requirement> joined_by_name(std::vector<Requirement> requirements) {
  std::vector<Requirement> joined;
  for (auto& r : requirements) {
    auto same = std::ranges::find_if(joined, [&](auto& other) {
      return other.name == r.name && other.extras == r.extras && other.marker.empty() && r.marker.empty() &&
             !other.by_address && !r.by_address;
    });
    if (same == joined.end())
      joined.push_back(std::move(r));
    else
      same->specifier.join(r.specifier);
  }
  return joined;
}

void add_notes(Report& report, const SubjectId& subject, std::span<const Text> notes) {
  for (auto& j : report.judgements)
    if (j.subject == subject)
      for (auto& text : notes) j.notes.push_back({std::string(host_1.id), text});
}

}  // namespace cufit::commands
