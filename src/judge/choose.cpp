#include "judge/choose.h"

#include <algorithm>
#include <tuple>

#include "judge/build_subject.h"

namespace cufit {

namespace {

/// Releases that a row stands for: the catalogue names the ends of a line only.
std::vector<PackageVersion> releases_of(const BuildRow& row) {
  std::vector<PackageVersion> releases;
  for (auto text : {row.version_from, row.version_to})
    if (auto version = PackageVersion::parse(text); version && !text.empty())
      if (releases.empty() || *version != releases.back()) releases.push_back(*version);
  return releases;
}

Candidate judged(std::vector<const BuildRow*> rows, const PackageVersion& release,
                 std::span<const Place> places) {
  auto here = [](auto& place) { return platform_of(place) == BuildPlatform{}; };
  bool by_default = rows.front()->is_default && std::ranges::all_of(places, here);
  Candidate c{std::move(rows), release, {}, by_default};
  for (auto& place : places) {
    auto subject = subject_of_build(place.knowledge, c.rows, release, platform_of(place));
    c.outcomes.push_back(decide_here(subject, place));
  }
  return c;
}

/// Better first: the default of the index, then the lower CUDA version, which asks less of a driver.
auto preference(const Candidate& c) { return std::tuple(!c.by_default, c.row().cuda.value_or(Cuda{255, 0})); }

bool runs(const Candidate& c) { return c.verdict() <= Verdict::limited; }

/// The files of one release: rows that are variants of one file go together.
std::vector<std::vector<const BuildRow*>> files_of(std::span<const BuildRow* const> rows,
                                                   const PackageVersion& release) {
  std::vector<std::vector<const BuildRow*>> files;
  for (auto* row : rows) {
    if (!covers(*row, release)) continue;
    if (row->is_variant && !files.empty() && files.back().front()->is_variant)
      files.back().push_back(row);
    else
      files.push_back({row});
  }
  return files;
}

std::vector<Candidate> judged_release(std::span<const BuildRow* const> rows, const PackageVersion& release,
                                      std::span<const Place> places) {
  std::vector<Candidate> all;
  for (auto& file : files_of(rows, release)) all.push_back(judged(file, release, places));
  std::ranges::stable_sort(all, {}, preference);
  return all;
}

/// All releases of a package, ascending.
std::vector<PackageVersion> all_releases(std::span<const BuildRow* const> rows) {
  std::vector<PackageVersion> all;
  for (auto* row : rows)
    for (auto& release : releases_of(*row)) all.push_back(release);
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
const std::vector<Candidate>& running(KeptBuilds::Package& package, const PackageVersion& release,
                                      const Place& place) {
  auto [at, is_new] = package.running.try_emplace(release.text() + '+' + release.local());
  if (is_new) {
    auto& all = at->second;
    all = judged_release(package.rows, release, std::span(&place, 1));
    std::erase_if(all, [](auto& c) { return !runs(c); });
    std::ranges::stable_sort(all, {}, [](auto& c) { return c.verdict(); });
  }
  return at->second;
}

}  // namespace

const Outcome& Candidate::worst() const {
  return *std::ranges::max_element(outcomes, {}, [](auto& o) { return o.judgement.verdict; });
}

Verdict Candidate::verdict() const { return worst().judgement.verdict; }

std::string Candidate::version() const {
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
    for (auto& candidate : judged_release(rows, *release, places)) {
      auto version = PackageVersion::parse(candidate.version());
      if (version && want.specifier.allows(*version)) all.push_back(std::move(candidate));
    }
  return all;
}

const Candidate* best_of(std::span<const Candidate> candidates) {
  auto best = std::ranges::min_element(candidates, {}, [](auto& c) { return c.verdict(); });
  return best == candidates.end() || !runs(*best) ? nullptr : &*best;
}

std::vector<Candidate> replacements(const Subject& subject, const Place& place) {
  KeptBuilds only_now;
  auto& package = package_of(place.builds ? *place.builds : only_now, normalized_name(subject.name), place);
  auto version = PackageVersion::parse(subject.version);
  if (!version || package.rows.empty() || subject.kind == Subject::Kind::file) return {};
  auto& releases = package.releases;
  auto best = [&](const PackageVersion& release) {
    auto& all = running(package, release, place);
    return std::vector<Candidate>(all.begin(), all.begin() + !all.empty());
  };
  if (auto& same = running(package, *version, place); !same.empty()) return same;
  for (auto& release : releases)
    if (release > *version)
      if (auto one = best(release); !one.empty()) return one;
  for (auto release = releases.rbegin(); release != releases.rend(); ++release)
    if (*release < *version)
      if (auto one = best(*release); !one.empty()) return one;
  return {};
}

std::vector<std::string> requirements_of(const Candidate& c) {
  // Only the index of a variant serves wheels with its local version.
  auto local = c.row().index.empty() || c.by_default || c.row().local.empty()
                   ? std::string()
                   : '+' + std::string(c.row().local);
  std::vector<std::string> all = {std::string(c.row().package) + "==" + c.release.text() + local};
  for (auto companion : c.row().companions) all.push_back(std::string(companion) + local);
  return all;
}

}  // namespace cufit
