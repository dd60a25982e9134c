// decide() and least_driver(): the driver that must be there, if nobody named one.
#include <algorithm>
#include <set>
#include <tuple>

#include "judge/outcome.h"

namespace cufit {

namespace {

/// Drivers at which an answer can change: floors of toolkits, drivers of the same CUDA version, the first
/// that surely knows the chip. Ascending, none beyond the chip's last branch.
std::vector<Version> turning_points(const Place& place) {
  auto& k = place.knowledge;
  bool windows = place.machine.driver_platform() == Machine::Platform::windows;
  std::set<Version> points;
  auto add = [&](const DriverVersion& driver) {
    if (driver.empty()) return;
    auto version = driver.version();
    if (place.window.fit(version, place.machine.driver_platform()) != DriverWindow::Fit::too_new)
      points.insert(std::move(version));
  };
  for (auto& row : k.tables().toolkits) {
    add(windows ? row.windows_minor_compat_driver : row.minor_compat_driver);
    add(windows ? row.windows_native_driver_ga : row.native_driver_ga);
    if (auto native = k.native_driver(row.cuda, place.machine.driver_platform())) add(*native);
  }
  add(place.window.known_from);
  // No release for Windows is named as the floor of CUDA 13; that a branch has its CUDA version is known.
  if (windows)
    for (auto& row : k.tables().drivers)
      if (!row.last_known_windows_version.empty()) points.insert(*Version::parse(std::to_string(row.number)));
  return {points.begin(), points.end()};
}

/// How well a subject does; smaller is better.
auto badness(const Outcome& o) {
  auto broken = std::ranges::count_if(o.judgement.limits, [](auto& l) { return l.code != 0; });
  // What a library of NVIDIA lacks beside the set that runs is no matter.
  auto lacking = o.own_code ? o.judgement.coverage.none : 0;
  return std::tuple(o.judgement.verdict, broken, lacking, o.judgement.limits.size());
}

std::optional<Version> least_of(std::span<const Version> points, const Subject& subject, const Place& place) {
  if (place.tegra || points.empty()) return std::nullopt;
  auto at = [&](const Version& driver) {
    auto there = place.with_driver(driver);
    there.faults = nullptr;  // no driver makes up for what the machine lacks
    if (there.driver && !there.compat)
      there.driver = promised(place.knowledge, *there.driver, place.machine.driver_platform());
    return badness(decide_here(subject, there));
  };
  // A newer driver is never worse as long as it supports the chip, so the best is at the end.
  auto best = at(points.back());
  if (std::get<Verdict>(best) >= Verdict::unknown) return std::nullopt;
  return *std::ranges::partition_point(points, [&](auto& driver) { return at(driver) > best; });
}

void drop_fact(Evidence& e, std::string_view fact) {
  std::erase(e.facts, fact);
  for (auto& part : e.parts) drop_fact(part, fact);
}

/// The driver was the least that will do, not one that somebody named.
void describe_condition(Judgement& j) {
  if (j.driver_axis == Axis::fits) j.driver_axis = Axis::unknown;
  // What a driver that nobody named would be fit for is no part of why something fails.
  auto about_driver = [](const Evidence& e) { return e.says == Verdict::fits && e.rule.starts_with("DRV-"); };
  if (j.verdict >= Verdict::unknown) {
    std::erase_if(j.why.parts, about_driver);
    std::erase_if(j.notes, [](const Note& n) { return n.text.id == "note.board-listed"; });
  }
  std::erase_if(j.notes, [](const Note& n) { return n.rule == drv_4.id; });
  drop_fact(j.why, "machine.driver.kernel");
}

std::optional<Version> kept_least_driver(const Subject& subject, const Place& place) {
  if (!place.least_drivers) return least_of(turning_points(place), subject, place);
  auto& kept = *place.least_drivers;
  if (kept.turning_points.empty()) kept.turning_points = turning_points(place);
  auto [at, is_new] = kept.of.try_emplace(subject.id);
  if (is_new) at->second = least_of(kept.turning_points, subject, place);
  return at->second;
}

}  // namespace

std::optional<Version> least_driver(const Subject& subject, const Place& place) {
  return least_of(turning_points(place), subject, place);
}

Outcome decide(const Subject& subject, const Place& place) {
  auto least = kept_least_driver(subject, place);
  std::optional<Outcome> outcome;
  if (place.driver) {
    outcome = decide_here(subject, place);
  } else if (least) {
    outcome = decide_here(subject, place.with_driver(*least));
  } else {
    auto points = place.tegra ? std::vector<Version>{} : turning_points(place);
    outcome = decide_here(subject, points.empty() ? place : place.with_driver(points.back()));
  }
  auto& j = outcome->judgement;
  if (!place.driver) describe_condition(j);
  if (j.driver_axis == Axis::not_asked && j.image_axis == Axis::not_asked) return std::move(*outcome);
  j.needs.driver = least;
  auto last = place.machine.driver_platform() == Machine::Platform::windows ? place.window.last_windows_branch
                                                                            : place.window.last_branch;
  if (last != 0) {
    auto next =
        std::ranges::find_if(place.knowledge.tables().drivers, [&](auto& row) { return row.number > last; });
    if (next != place.knowledge.tables().drivers.end()) j.needs.before = std::string(next->id);
  }
  return std::move(*outcome);
}

}  // namespace cufit
