#include "judge/pick.h"

#include <algorithm>
#include <deque>

#include "judge/build_remedies.h"
#include "judge/build_subject.h"
#include "judge/driver_range.h"
#include "judge/judge.h"

namespace cufit {

namespace {

/// Builds that fail for one reason, newest first.
struct Refused {
  Text why;
  RuleId rule;
  std::vector<std::string> builds;
};

/// "2.15.0+cu132, 2.14.1+cu130 and 3 more".
Text builds_text(const Refused& r) {
  constexpr size_t most = 4;
  std::string list;
  for (size_t i = 0; i < std::min(most, r.builds.size()); i++) list += (i ? ", " : "") + r.builds[i];
  if (r.builds.size() <= most) return {"pick.builds", {{"builds", list}}};
  return {"pick.builds-more", {{"builds", list}, {"n", std::to_string(r.builds.size() - most)}}};
}

/// The candidates that stand before the best, by reason.
std::vector<Rejected> refused_before(std::span<const Candidate> all, const Candidate* best) {
  std::vector<Refused> reasons;
  for (auto& c : all) {
    if (&c == best) break;
    auto& j = c.worst().judgement;
    auto same = std::ranges::find_if(reasons, [&](auto& r) { return r.why == j.why.text; });
    if (same == reasons.end()) same = reasons.insert(reasons.end(), {j.why.text, j.why.rule, {}});
    same->builds.push_back(c.version());
  }
  std::vector<Rejected> rejected;
  for (auto& r : reasons) rejected.push_back({builds_text(r), r.rule, r.why});
  return rejected;
}

Remedy install(const char* id, std::string command, Verdict after) {
  Remedy r;
  r.kind = Remedy::Kind::build;
  r.text = {id};
  r.commands.push_back(std::move(command));
  r.checked = true;
  r.after = after;
  return r;
}

/// The newest release of conda-forge that runs on all places, where conda-forge has the package.
std::optional<Remedy> from_conda(const Want& want, std::span<const Place> places) {
  if (want.package != "torch") return std::nullopt;
  // Whether the cuDNN that conda brings along serves older GPUs was not read (data/builds_conda.toml).
  if (std::ranges::any_of(places, [](auto& place) { return place.sm < Sm{7, 5}; })) return std::nullopt;
  Want conda = {"pytorch", want.specifier, {}};
  auto all = judged_builds(conda, places);
  auto* best = best_of(all);
  if (!best) return std::nullopt;
  auto cuda = best->row().cuda ? " 'cuda-version=" + best->row().cuda->dotted() + '\'' : std::string();
  return install("pick.conda", "conda install -c conda-forge 'pytorch=" + best->release.text() + '\'' + cuda,
                 best->verdict());
}

Finding found(const Want& want, std::span<const Candidate> all, const Candidate& best,
              std::span<const Place> places) {
  Finding f;
  f.cause = "pick";
  f.severity = "info";
  f.remedies.push_back(install("pick.pip", pip_command(best), best.verdict()));
  f.remedies.push_back(install("pick.uv", uv_command(best), best.verdict()));
  if (auto conda = from_conda(want, places)) f.remedies.push_back(std::move(*conda));
  for (size_t i = 0; i < f.remedies.size(); i++) f.remedies[i].id = 'r' + std::to_string(i + 1);
  f.rejected = refused_before(all, &best);
  return f;
}

/// No build runs: what stands in the way of each, and the newest is shown.
Finding none_runs(std::span<const Candidate> all) {
  Finding f;
  f.cause = "pick-none";
  f.severity = "error";
  f.rejected = refused_before(all, nullptr);
  return f;
}

}  // namespace

Report pick(const Machine& machine, const std::optional<Version>& up_to, std::span<const Want> wants,
            const Knowledge& k) {
  std::vector<Place> places;
  for (auto& gpu : machine.gpus) {
    auto place = place_of(k, machine, gpu);
    if (!place) continue;
    places.push_back(*place);
    if (up_to) places.push_back(place->with_driver(*up_to));
  }
  World world{machine, {}};
  std::vector<Finding> picked;
  for (auto& want : wants) {
    auto all = judged_builds(want, places);
    if (all.empty()) {
      world.subjects.push_back(
          unknown_build(want.package, want.specifier.text(), !builds_of(k, want.package).empty()));
    } else {
      auto* best = best_of(all);
      auto& shown = best ? *best : all.front();
      auto version = *PackageVersion::parse(shown.version());
      world.subjects.push_back(subject_of_build(k, shown.rows, version));
      picked.push_back(best ? found(want, all, *best, places) : none_runs(all));
    }
    auto& subject = world.subjects.back();
    subject.id = "s" + std::to_string(world.subjects.size() - 1);
    if (!picked.empty() && picked.back().on.empty())
      for (auto& gpu : machine.gpus) picked.back().on.emplace_back(subject.id, gpu.id);
  }
  auto report = up_to ? judge_between(world, *up_to, k) : judge(world, k);
  report.command = "pick";
  report.findings.insert(report.findings.begin(), picked.begin(), picked.end());
  return report;
}

}  // namespace cufit
