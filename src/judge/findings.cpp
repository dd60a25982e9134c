#include "judge/findings.h"

#include <algorithm>

#include "judge/remedies.h"
#include "judge/uses.h"
#include "model/package.h"

namespace cufit {

namespace {

/// It was built by somebody else for a framework that runs on this GPU: the framework is not to blame.
bool is_extension_of_what_fits(const Case& c, std::span<const Case> all) {
  if (!c.subject.build.empty() || is_torch(c.subject) || !has_own_code(c.subject)) return false;
  return std::ranges::any_of(all, [&](auto& other) {
    bool asked_for = std::ranges::find(c.subject.dependencies, normalized_name(other.subject.name),
                                       &Dependency::name) != c.subject.dependencies.end();
    return asked_for && !other.subject.build.empty() && Place::beside(c.subject, other.subject) &&
           other.place.gpu.id == c.place.gpu.id && other.outcome.judgement.verdict <= Verdict::limited;
  });
}

/// Does the GPU lie above all that the files were built for, below, or in a gap between?
std::string lacks_arch_id(const Case& c, std::span<const Case> all) {
  if (c.place.tegra) return "jetson-needs-special-wheel";
  auto& targets = c.outcome.targets;
  // Nothing is listed, and no toolkit writes code for the GPU: PTX of all of them runs on every newer one.
  if (targets.empty() && c.subject.kind == Subject::Kind::build) return "wheel-lacks-arch-too-old-gpu";
  if (!is_package(c.subject) || targets.empty()) return "extension-lacks-arch";
  if (is_extension_of_what_fits(c, all)) return "extension-lacks-arch";
  auto gpu = c.place.sm;
  if (gpu > targets.back().plain()) return "wheel-lacks-arch-too-new-gpu";
  if (gpu < targets.front().plain()) return "wheel-lacks-arch-too-old-gpu";
  return "extension-lacks-arch";
}

std::string cause_id(const Case& c, std::span<const Case> all) {
  switch (c.cause) {
    case Cause::driver_too_old_for_runtime:
      return "driver-too-old-for-runtime";
    case Cause::driver_older_than_gpu:
      return "driver-older-than-gpu";
    case Cause::legacy_gpu_dropped_by_driver:
      return "legacy-gpu-dropped-by-driver";
    case Cause::image_compression_unsupported:
      return "image-compression-unsupported";
    case Cause::lacks_arch:
      return lacks_arch_id(c, all);
    case Cause::ptx_newer_than_driver:
      return "ptx-newer-than-driver";
    case Cause::ptx_jit_disabled:
      return "ptx-jit-disabled";
    case Cause::ptx_jit_forced:
      return "ptx-jit-forced";
    case Cause::cuda_visible_devices_bad:
      return "cuda-visible-devices-bad";
    case Cause::compat_does_not_pair:
      return "forward-compat-mismatch";
    case Cause::compat_on_ineligible_gpu:
      return "forward-compat-unsupported";
    case Cause::container_requirement:
      return "container-cuda-requirement";
    case Cause::host_does_not_match:
      return "wheel-for-another-host";
    case Cause::runtime_compiler:
      return "runtime-compiler-too-new";
    case Cause::runtime_compiler_old:
      return "triton-ptxas-too-old";
    case Cause::triton_old_gpu:
      return "triton-old-gpu";
    case Cause::glibc_too_old:
      return "glibc-too-old";
    case Cause::cudnn_dropped_gpu:
      return "cudnn-dropped-gpu";
    case Cause::machine_fault:
    case Cause::none:
      break;
  }
  return {};
}

void add(std::vector<Finding>& findings, const Case& c, std::span<const Case> all) {
  bool unfit = c.outcome.judgement.verdict == Verdict::unfit;
  Finding finding = {cause_id(c, all), unfit ? "error" : "warning", {}, remedies_for(c), rejected_for(c)};
  auto same = std::ranges::find_if(findings, [&](const Finding& other) {
    return other.cause == finding.cause && other.severity == finding.severity &&
           other.remedies == finding.remedies && other.rejected == finding.rejected;
  });
  if (same == findings.end()) same = findings.insert(findings.end(), std::move(finding));
  same->on.emplace_back(c.subject.id, c.place.gpu.id);
}

/// NVIDIA's libraries in an environment fail for the reason for which the framework fails, and what helps it
/// helps them: one finding. `part` says nothing that `whole` does not say.
bool is_part_of(const Finding& part, const Finding& whole) {
  auto same_remedy = [](const Remedy& a, const Remedy& b) { return a.text == b.text && a.after == b.after; };
  auto same_gpu = [&](auto& on) {
    return std::ranges::any_of(whole.on, [&](auto& other) { return other.second == on.second; });
  };
  return &part != &whole && part.cause == whole.cause && part.severity == whole.severity &&
         part.remedies.size() < whole.remedies.size() && !part.remedies.empty() &&
         std::ranges::all_of(part.on, same_gpu) &&
         std::ranges::all_of(
             part.remedies,
             [&](auto& r) {
               return std::ranges::any_of(whole.remedies, [&](auto& other) { return same_remedy(r, other); });
             });
}

const Subject* subject_of(std::span<const Case> cases, const SubjectId& id) {
  auto found = std::ranges::find_if(cases, [&](auto& c) { return c.subject.id == id; });
  return found == cases.end() ? nullptr : &found->subject;
}

/// Another build of a package brings what it asks for (PyTorch also by way of cuda-toolkit), and what its
/// command names.
bool brings(const Finding& whole, std::span<const Case> cases, const Subject& part) {
  auto name = normalized_name(part.name);
  auto asks_for_it = [&](auto& on) {
    auto* subject = subject_of(cases, on.first);
    if (!subject) return false;
    return (is_torch(*subject) && name.starts_with("nvidia-")) ||
           std::ranges::find(subject->dependencies, name, &Dependency::name) != subject->dependencies.end();
  };
  auto names_it = [&](const Remedy& r) {
    return std::ranges::any_of(r.commands, [&](auto& c) { return c.contains(" " + name + "=="); });
  };
  return std::ranges::any_of(whole.on, asks_for_it) || std::ranges::any_of(whole.remedies, names_it);
}

/// Only within one environment: apart from it, two targets have nothing to do with each other.
void fold_libraries(std::span<const Case> cases, std::vector<Finding>& findings) {
  auto environment_of = [&](const Finding& f) {
    auto* subject = f.on.empty() ? nullptr : subject_of(cases, f.on.front().first);
    return subject ? subject->environment : std::string();
  };
  auto brings_all = [&](const Finding& whole, const Finding& part) {
    return std::ranges::all_of(part.on, [&](auto& on) {
      auto* subject = subject_of(cases, on.first);
      return subject && brings(whole, cases, *subject);
    });
  };
  for (auto part = findings.begin(); part != findings.end();) {
    auto environment = environment_of(*part);
    auto whole = std::ranges::find_if(findings, [&](auto& f) {
      return is_part_of(*part, f) && !environment.empty() && environment_of(f) == environment &&
             brings_all(f, *part);
    });
    if (whole == findings.end()) {
      ++part;
      continue;
    }
    whole->on.insert(whole->on.end(), part->on.begin(), part->on.end());
    part = findings.erase(part);
  }
}

}  // namespace

std::vector<Finding> find_causes(std::span<const Case> cases) {
  std::vector<Finding> findings;
  for (auto& c : cases) {
    auto verdict = c.outcome.judgement.verdict;
    if (verdict == Verdict::unknown || verdict == Verdict::fits) continue;
    auto find = [&](Cause cause) {
      auto found = c;
      found.cause = cause;
      add(findings, found, cases);
    };
    // What the machine lacks is a finding of its own (add_cause_findings).
    if (c.outcome.cause != Cause::none && c.outcome.cause != Cause::machine_fault) find(c.outcome.cause);
    if (c.outcome.also_lacks_arch) find(Cause::lacks_arch);
  }
  fold_libraries(cases, findings);
  return findings;
}

}  // namespace cufit
