#include "judge/build_remedies.h"

#include <algorithm>

#include "base/text.h"
#include "judge/build_subject.h"
#include "judge/change.h"
#include "judge/compat.h"
#include "judge/install.h"
#include "judge/neighbours.h"
#include "judge/together.h"
#include "judge/toolkit_need.h"
#include "judge/uses.h"

namespace cufit {

namespace {

/// The requirement of a distribution on a package; anything if it has none.
Specifier requirement_on(const Subject& s, std::string_view package) {
  for (auto& d : s.dependencies)
    if (d.name == package)
      if (auto spec = Specifier::parse(d.specifier)) return *spec;
  return {};
}

bool is_companion(const PublishedBuild& c, const Subject& s) {
  auto name = normalized_name(s.name);
  return std::ranges::any_of(c.row().companions, [&](auto text) { return text.starts_with(name + "=="); });
}

bool same_minor(const PackageVersion& a, const PackageVersion& b) {
  auto field = [](const PackageVersion& v, size_t i) { return i < v.release().size() ? v.release()[i] : 0; };
  return field(a, 0) == field(b, 0) && field(a, 1) == field(b, 1);
}

/// Distributions beside the case's that would not fit the candidate: their metadata forbids it, or they were
/// compiled against another release or CUDA major of it.
std::vector<std::string> broken_by(const Case& c, const PublishedBuild& candidate) {
  std::vector<std::string> names;
  auto now = PackageVersion::parse(c.subject.version);
  auto there = subject_of_build(c.place.knowledge, candidate.rows, candidate.release, platform_of(c.place));
  for (auto& other : c.place.installed) {
    if (!Place::beside(c.subject, other) || other.id == c.subject.id || is_companion(candidate, other))
      continue;
    // What the candidate itself asks for pip brings along.
    bool allowed = requirement_on(other, candidate.row().package).allows(candidate.release) &&
                   !needs_clash(there, other);
    bool compiled = links_torch(other) && is_torch(c.subject);
    auto major = cuda_major_of(other);
    bool another = compiled && ((now && !same_minor(*now, candidate.release)) ||
                                (major && candidate.row().cuda && candidate.row().cuda->major != *major));
    if (!allowed || another) names.push_back(other.name + (other.version.empty() ? "" : ' ' + other.version));
  }
  return names;
}

/// Nothing is beside a subject without an environment: it was judged when it was chosen.
Verdict verdict_in_place_of(const Case& c, const Replacement& candidate) {
  if (c.subject.environment.empty()) return candidate.verdict;
  Change change;
  change.build = candidate.rows;
  change.release = candidate.release;
  return verdict_after(change, c);
}

/// How a remedy is worded, and how if it breaks something.
struct Wording {
  const char *plain, *breaks;
};

Remedy build_remedy(const Case& c, const Replacement& candidate) {
  Remedy r;
  r.kind = Remedy::Kind::build;
  std::vector<std::string> companions;
  for (auto text : candidate.row().companions) companions.emplace_back(text);
  auto now = PackageVersion::parse(c.subject.version);
  Wording wording = {"remedy.build", "remedy.build-breaks"};
  r.text.args = {{"build", std::string(candidate.row().package) + ' ' + candidate.version()}};
  if (auto command = install_command(candidate, Installer::pip, now && *now == candidate.release)) {
    r.commands.push_back(std::move(*command));
    if (!companions.empty()) {
      wording = {"remedy.build-set", "remedy.build-set-breaks"};
      r.text.args.emplace_back("companions", joined(companions, ", "));
    }
  } else {
    wording = {"remedy.build-from", "remedy.build-from-breaks"};
    r.text.args.emplace_back("from", std::string(candidate.row().install));
  }
  auto broken = broken_by(c, candidate);
  r.text.id = broken.empty() ? wording.plain : wording.breaks;
  if (!broken.empty()) r.text.args.emplace_back("broken", joined(broken, ", "));
  r.checked = true;
  r.after = verdict_in_place_of(c, candidate);
  return r;
}

}  // namespace

std::vector<Remedy> other_builds(const Case& c) {
  constexpr size_t most = 3;
  std::vector<Remedy> remedies;
  auto* own = identify_build(c.place.knowledge, c.subject);
  for (auto& candidate : replacements(c.subject, c.place)) {
    // Where the host is another one, other files of the same build can serve it.
    if (own && &candidate.row() == own && c.cause != Cause::host_does_not_match) continue;
    auto remedy = build_remedy(c, candidate);
    bool better = *remedy.after < c.outcome.judgement.verdict ||
                  (*remedy.after == c.outcome.judgement.verdict && *remedy.after < Verdict::limited);
    if (better && remedies.size() < most) remedies.push_back(std::move(remedy));
  }
  return remedies;
}

std::optional<Remedy> compat_package(const Case& c) {
  if (!c.place.driver || c.place.compat) return std::nullopt;
  for (auto* package : compat_packages(c.place)) {
    if (fit_compat(*package, c.place).works != Answer::yes) continue;
    Change change;
    change.compat = package;
    auto after = verdict_after(change, c);
    if (after > Verdict::limited || after >= c.outcome.judgement.verdict) continue;
    Remedy r;
    r.kind = Remedy::Kind::compat;
    r.text = {"remedy.compat", {{"package", std::string(package->id)}, {"cuda", package->cuda.dotted()}}};
    r.commands = {"apt-get install -y " + std::string(package->id),
                  "export LD_LIBRARY_PATH=/usr/local/cuda-" + package->cuda.dotted() +
                      "/compat${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"};
    r.root = r.checked = true;
    r.after = after;
    return r;
  }
  return std::nullopt;
}

std::optional<Rejected> rejected_compat(const Case& c) {
  if (!c.place.driver || compat_package(c)) return std::nullopt;
  // The oldest package that would serve the toolkit says it best: the newer ones fail for the same reason or
  // a later one.
  Cuda needed;
  for (auto& m : c.subject.members)
    if (auto need = toolkit_need(c.place.knowledge, m.bin); need && m.role != Role::jit_compiler)
      needed = std::max(needed, Cuda{need->at_least.major, 0});
  for (auto* package : compat_packages(c.place)) {
    if (package->cuda < needed || (c.place.driver->cuda && package->cuda <= *c.place.driver->cuda)) continue;
    auto fit = fit_compat(*package, c.place);
    if (fit.works == Answer::yes) continue;
    return Rejected{
        {"reject.compat", {{"package", std::string(package->id)}}}, std::string(fit.rule->id), fit.why};
  }
  return std::nullopt;
}

std::optional<Remedy> other_ptxas(const Case& c) {
  // PyPI has a ptxas for each CUDA major by these names.
  struct Tool {
    Cuda release;
    const char* requirement;
  };
  static constexpr Tool tools[] = {{{11, 8}, "nvidia-cuda-nvcc-cu11==11.8.89"},
                                   {{12, 9}, "nvidia-cuda-nvcc-cu12==12.9.86"}};
  for (auto& tool : tools) {
    Change change;
    change.ptxas = tool.release;
    auto after = verdict_after(change, c);
    if (after >= c.outcome.judgement.verdict) continue;
    Remedy r;
    r.kind = Remedy::Kind::tool;
    r.text = {"remedy.ptxas", {{"release", tool.release.dotted()}, {"variable", "TRITON_PTXAS_PATH"}}};
    r.commands = {std::string("pip install ") + tool.requirement,
                  "export TRITON_PTXAS_PATH=\"$(python -c 'import nvidia.cuda_nvcc as m; "
                  "print(list(m.__path__)[0])')/bin/ptxas\""};
    r.checked = true;
    r.after = after;
    return r;
  }
  return std::nullopt;
}

}  // namespace cufit
