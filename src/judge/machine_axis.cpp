#include "judge/machine_axis.h"

#include <algorithm>

namespace cufit {

namespace {

bool is_about(const FoundCause& fault, const SubjectId& subject, const GpuId& gpu) {
  return fault.stops(gpu) &&
         (fault.subjects.empty() || std::ranges::find(fault.subjects, subject) != fault.subjects.end());
}

/// 35 for another reason than an old driver: no libcuda that can be used.
constexpr int no_libcuda = 35;

Step step_of(const FoundCause& fault, const Caller& caller) {
  Step step;
  step.evidence = fault.why;
  step.cause = Cause::machine_fault;
  step.axis = fault.answer == Answer::unknown ? Axis::unknown : Axis::unfit;
  bool goes_on = fault.code == no_libcuda && caller.without_driver == WithoutDriver::goes_on;
  if (step.axis == Axis::unfit && goes_on) {
    step.axis = Axis::limited;
    step.evidence.says = Verdict::limited;
    step.limits.push_back({fault.id, {"limit.on-the-cpu"}, 0});
  }
  return step;
}

Failure without_libcuda(Failure fails, const Caller& caller) {
  if (caller.without_driver == WithoutDriver::own_words)
    return {0, "no libcuda.so.1", When::first_cuda_call, "dlopen", {"seen.own-words"}};
  fails.seen_as = {caller.of_torch ? "seen.35-no-driver-torch" : "seen.35-no-driver"};
  return fails;
}

/// `like`: a place, or the knowledge alone.
Failure failure_of(const FoundCause& fault, const Caller& caller, const auto& like) {
  // ld.so ends the program, or refuses to dlopen: no code of CUDA is reached.
  if (fault.stage == Stage::start) {
    auto& id = fault.why.text.id;
    if (id == "evidence.missing-version")
      return {0, "version not found", When::before_start, "ld.so", {"seen.version-missing", fault.args}};
    if (id == "evidence.library-cut-off")
      return {7, "SIGBUS", When::before_start, "ld.so", {"seen.bus-error"}};
    if (id == "evidence.library-refused")
      return {8, "ENOEXEC", When::before_start, "ld.so", {"seen.library-refused", fault.args}};
    auto* library = argument(fault.args, "library");
    Text seen = {"seen.library-missing", {{"library", library ? *library : ""}}};
    return {2, "ENOENT", When::before_start, "ld.so", std::move(seen)};
  }
  auto fails = make_failure(fault.code, caller, like);
  return fault.code == no_libcuda ? without_libcuda(std::move(fails), caller) : fails;
}

}  // namespace

std::vector<Step> judge_machine(Stage stage, const SubjectId& subject, const Place& place,
                                const Caller& caller) {
  std::vector<Step> steps;
  if (!place.faults) return steps;
  for (auto& fault : *place.faults) {
    if (fault.stage != stage || !is_about(fault, subject, place.gpu.id)) continue;
    auto step = step_of(fault, caller);
    if (step.axis == Axis::unfit) step.fails = failure_of(fault, caller, place);
    steps.push_back(std::move(step));
  }
  return steps;
}

Step first_stop(const SubjectId& subject, const GpuId& gpu, const std::vector<FoundCause>* faults,
                const Knowledge& knowledge, const Caller& caller, Stage last) {
  const FoundCause* first = nullptr;
  if (faults)
    for (auto& fault : *faults)
      if (is_about(fault, subject, gpu) && fault.stage <= last && (!first || fault.stage < first->stage))
        first = &fault;
  if (!first) return {};
  auto step = step_of(*first, caller);
  if (step.axis == Axis::unfit) step.fails = failure_of(*first, caller, knowledge);
  return step;
}

Step judge_limits(const SubjectId& subject, const GpuId& gpu, const std::vector<FoundCause>* faults) {
  Step step;
  if (!faults) return step;
  for (auto& fault : *faults) {
    bool about = fault.limits && fault.is_on(gpu) &&
                 std::ranges::find(fault.subjects, subject) != fault.subjects.end();
    if (!about || fault.answer != Answer::yes) continue;
    step.axis = Axis::limited;
    step.cause = Cause::machine_fault;
    if (step.evidence.rule.empty()) step.evidence = fault.why;
    step.limits.push_back({fault.id, fault.why.text, 0});
  }
  return step;
}

Step judge_jit_library(const Coverage& coverage, const Place& place, const Caller& caller) {
  Step step;
  if (!place.faults || coverage.ptx == 0) return step;
  auto fault = std::ranges::find(*place.faults, "ptx-jit-missing", &FoundCause::id);
  if (fault == place.faults->end()) return step;
  step.axis = Axis::unfit;
  step.cause = Cause::machine_fault;
  step.evidence = fault->why;
  step.evidence.says = Verdict::unfit;
  step.fails = make_failure(221, caller, place);
  return step;
}

}  // namespace cufit
