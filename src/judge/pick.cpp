#include "judge/pick.h"

#include <algorithm>

#include "judge/build_subject.h"
#include "judge/driver_range.h"
#include "judge/host.h"
#include "judge/install.h"
#include "judge/judge.h"
#include "judge/neighbours.h"
#include "judge/together.h"

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
    // What runs as well was passed over for the sake of the others.
    bool runs_too = c.verdict() <= (best ? best->verdict() : Verdict::limited);
    auto why = runs_too ? Text{"pick.not-together"} : j.why.text;
    auto same = std::ranges::find_if(reasons, [&](auto& r) { return r.why == why; });
    if (same == reasons.end())
      same = reasons.insert(reasons.end(), {why, runs_too ? std::string(lib_9.id) : j.why.rule, {}});
    same->builds.push_back(c.version());
  }
  std::vector<Rejected> rejected;
  for (auto& r : reasons) rejected.push_back({builds_text(r), r.rule, r.why});
  return rejected;
}

Remedy install(const char* id, const Candidate& build, Installer installer) {
  Remedy r;
  r.kind = Remedy::Kind::build;
  r.text = {id};
  if (auto command = install_command(build, installer))
    r.commands.push_back(std::move(*command));
  else
    r.text = {"remedy.build-from",
              {{"build", std::string(build.row().package) + ' ' + build.version()},
               {"from", std::string(build.row().install)}}};
  r.checked = true;
  r.after = build.verdict();
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
  return install("pick.conda", *best, Installer::pip);
}

/// `alone`: nothing else is wished for, which conda would have to agree with.
Finding found(const Want& want, std::span<const Candidate> all, const Candidate& best,
              std::span<const Place> places, bool alone) {
  Finding f;
  f.cause = "pick";
  f.severity = "info";
  bool by_conda = best.row().install == "conda-forge";
  f.remedies.push_back(install(by_conda ? "pick.conda" : "pick.pip", best, Installer::pip));
  if (!by_conda && !f.remedies.front().commands.empty())
    f.remedies.push_back(install("pick.uv", best, Installer::uv));
  if (auto conda = alone ? from_conda(want, places) : std::nullopt) f.remedies.push_back(std::move(*conda));
  for (size_t i = 0; i < f.remedies.size(); i++) f.remedies[i].id = 'r' + std::to_string(i + 1);
  f.rejected = refused_before(all, &best);
  return f;
}

/// None of the builds that run goes together with the others of the wish.
void refuse(Judgement& j) {
  j.verdict = Verdict::unfit;
  j.why = evidence(lib_9, Verdict::unfit, {"pick.not-together"});
  j.fails = not_installable();
  j.limits.clear(), j.notes.clear(), j.uses.clear();
}

/// No build runs: what stands in the way of each, and the newest is shown.
Finding none_runs(std::span<const Candidate> all) {
  Finding f;
  f.cause = "pick-none";
  f.severity = "error";
  f.rejected = refused_before(all, nullptr);
  return f;
}

/// Which build is best was decided: another one is no remedy for it. Where none was found, builds that the
/// wish does not allow may help.
void drop_builds(Finding& f, bool all_found) {
  if (all_found) std::erase_if(f.remedies, [](auto& r) { return r.kind == Remedy::Kind::build; });
  f.rejected.clear();
}

/// One wish with its candidates and the one that was chosen.
struct Choice {
  std::vector<Candidate> all;
  std::vector<const Candidate*> by_verdict;  ///< those that run, best first
  const Candidate* best = nullptr;
};

Subject subject_of(const Candidate& c, const Knowledge& k) {
  return subject_of_build(k, c.rows, *PackageVersion::parse(c.version()));
}

/// Chooses for `choices[at]` and those behind it what agrees with `chosen`; false if nothing does.
bool choose_from(std::span<Choice> choices, size_t at, std::vector<Subject>& chosen, const Knowledge& k) {
  if (at == choices.size()) return true;
  auto& choice = choices[at];
  if (choice.by_verdict.empty()) return choose_from(choices, at + 1, chosen, k);
  for (auto* candidate : choice.by_verdict) {
    auto subject = subject_of(*candidate, k);
    if (!std::ranges::all_of(chosen, [&](auto& other) { return allow_each_other(subject, other); })) continue;
    chosen.push_back(std::move(subject));
    choice.best = candidate;
    if (choose_from(choices, at + 1, chosen, k)) return true;
    chosen.pop_back();
    choice.best = nullptr;
  }
  return false;
}

/// Without a set of all: each gets the best that agrees with those before it, or nothing.
void choose_what_agrees(std::span<Choice> choices, const Knowledge& k) {
  std::vector<Subject> chosen;
  for (auto& choice : choices) {
    auto agrees = [&](const Candidate* c) {
      auto subject = subject_of(*c, k);
      return std::ranges::all_of(chosen, [&](auto& other) { return allow_each_other(subject, other); });
    };
    auto best = std::ranges::find_if(choice.by_verdict, agrees);
    choice.best = best == choice.by_verdict.end() ? nullptr : *best;
    if (choice.best) chosen.push_back(subject_of(*choice.best, k));
  }
}

/// The best set that pip installs together.
std::vector<Choice> choose_all(std::span<const Want> wants, std::span<const Place> places,
                               const Knowledge& k) {
  std::vector<Choice> choices;
  for (auto& want : wants) {
    auto& choice = choices.emplace_back(Choice{judged_builds(want, places), {}, nullptr});
    for (auto& candidate : choice.all)
      if (candidate.verdict() <= Verdict::limited) choice.by_verdict.push_back(&candidate);
    std::ranges::stable_sort(choice.by_verdict, {}, [](auto* c) { return c->verdict(); });
  }
  std::vector<Subject> chosen;
  if (!choose_from(choices, 0, chosen, k)) choose_what_agrees(choices, k);
  return choices;
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
  auto choices = choose_all(wants, places, k);
  for (size_t i = 0; i < wants.size(); i++) {
    auto& want = wants[i];
    auto& [all, by_verdict, best] = choices[i];
    if (all.empty()) {
      world.subjects.push_back(unknown_build(want.package, want.specifier.text(),
                                             {"gap.release-not-in-catalogue", {{"name", want.package}}}));
    } else {
      world.subjects.push_back(subject_of(best ? *best : all.front(), k));
      picked.push_back(best ? found(want, all, *best, places, wants.size() == 1) : none_runs(all));
    }
    auto& subject = world.subjects.back();
    subject.id = "s" + std::to_string(world.subjects.size() - 1);
    if (!picked.empty() && picked.back().on.empty())
      for (auto& gpu : machine.gpus) picked.back().on.emplace_back(subject.id, gpu.id);
  }
  auto report = up_to ? judge_between(world, *up_to, k) : judge(world, k);
  report.command = "pick";
  for (size_t i = 0; i < choices.size(); i++)
    for (auto& j : report.judgements)
      if (!choices[i].best && !choices[i].by_verdict.empty() && j.subject == world.subjects[i].id) refuse(j);
  bool all_found = std::ranges::all_of(choices, [](auto& c) { return c.best != nullptr; });
  for (auto& f : report.findings) drop_builds(f, all_found);
  std::erase_if(report.findings, [](auto& f) { return f.remedies.empty(); });
  report.findings.insert(report.findings.begin(), picked.begin(), picked.end());
  return report;
}

}  // namespace cufit
