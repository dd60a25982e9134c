#include "judge/choose.h"

#include <algorithm>
#include <tuple>

#include "judge/build_subject.h"

namespace cufit {

namespace {

Subject subject_at(const PublishedBuild& build, const Place& place) {
  return subject_of_build(place.knowledge, build.rows, build.release, platform_of(place));
}

/// Better first: the default of the index, then the lower CUDA version, which asks less of a driver.
auto preference(const PublishedBuild& b) {
  return std::tuple(!b.by_default, b.row().cuda.value_or(Cuda{255, 0}));
}

bool runs(Verdict v) { return v <= Verdict::limited; }

/// The files of one release, preferred ones first: rows that are variants of one file go together.
std::vector<PublishedBuild> files_of(std::span<const BuildRow* const> rows, const PackageVersion& release,
                                     std::span<const Place> places) {
  auto here = [](auto& place) { return platform_of(place) == BuildPlatform{}; };
  std::vector<PublishedBuild> files;
  for (auto* row : rows) {
    if (!covers(*row, release)) continue;
    if (row->is_variant && !files.empty() && files.back().row().is_variant)
      files.back().rows.push_back(row);
    else
      files.push_back({{row}, release, row->is_default && std::ranges::all_of(places, here)});
  }
  std::ranges::stable_sort(files, {}, preference);
  return files;
}

/// All releases of a package, ascending.
std::vector<PackageVersion> all_releases(std::span<const BuildRow* const> rows) {
  std::vector<PackageVersion> all;
  for (auto* row : rows)
    for (auto& release : named_releases(*row)) all.push_back(release);
  std::ranges::sort(all);
  auto same = std::ranges::unique(all);
  all.erase(same.begin(), same.end());
  return all;
}

KeptBuilds::Package& package_of(KeptBuilds& kept, const std::string& name, const Place& place) {
  auto [at, is_new] = kept.packages.try_emplace(name);
  if (is_new) {
    at->second.rows = builds_of(place.knowledge, name);
    at->second.releases = all_releases(at->second.rows);
  }
  return at->second;
}

/// The builds of a release that run at the place, best first.
const std::vector<Replacement>& running(KeptBuilds& kept, KeptBuilds::Package& package,
                                        const PackageVersion& release, const Place& place) {
  auto [at, is_new] = package.running.try_emplace(release.text() + '+' + release.local());
  if (!is_new) return at->second;
  auto& all = at->second;
  for (auto& file : files_of(package.rows, release, std::span(&place, 1))) {
    auto subject = subject_at(file, place);
    auto known = kept.verdict_on(subject);
    auto verdict = known ? *known : decide_here(subject, place).judgement.verdict;
    if (runs(verdict)) all.push_back({std::move(file), verdict});
  }
  std::ranges::stable_sort(all, {}, &Replacement::verdict);
  return all;
}

/// Which rows of the catalogue, of which release.
std::string build_key(const Subject& build) {
  std::string key = build.version;
  for (auto& m : build.members) key += ' ' + m.bin.path;
  return key;
}

}  // namespace

void KeptBuilds::add(const Subject& s, Verdict v) {
  if (s.kind == Subject::Kind::build && s.environment.empty() && s.unread.empty() && !s.members.empty())
    verdicts_.emplace(build_key(s), v);
}

std::optional<Verdict> KeptBuilds::verdict_on(const Subject& build) const {
  auto found = verdicts_.find(build_key(build));
  return found == verdicts_.end() ? std::nullopt : std::optional(found->second);
}

const Outcome& Candidate::worst() const {
  return *std::ranges::max_element(outcomes, {}, [](auto& o) { return o.judgement.verdict; });
}

Verdict Candidate::verdict() const { return worst().judgement.verdict; }

std::string PublishedBuild::version() const {
  std::string text = release.text();
  if (!row().local.empty()) text += '+' + std::string(row().local);
  return text;
}

std::vector<Candidate> judged_builds(const Want& want, std::span<const Place> places) {
  std::vector<Candidate> all;
  if (places.empty()) return all;
  auto rows = builds_of(places.front().knowledge, want.package);
  if (!want.variant.empty()) std::erase_if(rows, [&](auto* row) { return row->local != want.variant; });
  auto releases = all_releases(rows);
  for (auto release = releases.rbegin(); release != releases.rend(); ++release)
    for (auto& file : files_of(rows, *release, places)) {
      auto version = PackageVersion::parse(file.version());
      if (!version || !want.specifier.allows(*version)) continue;
      Candidate candidate{std::move(file), {}};
      for (auto& place : places)
        candidate.outcomes.push_back(decide_here(subject_at(candidate, place), place));
      all.push_back(std::move(candidate));
    }
  return all;
}

const Candidate* best_of(std::span<const Candidate> candidates) {
  auto best = std::ranges::min_element(candidates, {}, [](auto& c) { return c.verdict(); });
  return best == candidates.end() || !runs(best->verdict()) ? nullptr : &*best;
}

std::vector<Replacement> replacements(const Subject& subject, const Place& place) {
  KeptBuilds only_now;
  auto& kept = place.builds ? *place.builds : only_now;
  auto& package = package_of(kept, normalized_name(subject.name), place);
  auto version = PackageVersion::parse(subject.version);
  if (!version || package.rows.empty() || subject.kind == Subject::Kind::file) return {};
  auto& releases = package.releases;
  auto best = [&](const PackageVersion& release) {
    auto& all = running(kept, package, release, place);
    return std::vector<Replacement>(all.begin(), all.begin() + !all.empty());
  };
  if (auto& same = running(kept, package, *version, place); !same.empty()) return same;
  for (auto& release : releases)
    if (release > *version)
      if (auto one = best(release); !one.empty()) return one;
  for (auto release = releases.rbegin(); release != releases.rend(); ++release)
    if (*release < *version)
      if (auto one = best(*release); !one.empty()) return one;
  return {};
}

}  // namespace cufit
