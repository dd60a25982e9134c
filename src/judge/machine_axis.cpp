#include "judge/machine_axis.h"

#include <algorithm>

namespace cufit {

std::vector<Step> judge_machine(Stage stage, const SubjectId& subject, const Place& place,
                                const Caller& caller) {
  std::vector<Step> steps;
  if (!place.faults) return steps;
  for (auto& fault : *place.faults) {
    if (fault.stage != stage || !fault.stops(place.gpu.id)) continue;
    if (!fault.subjects.empty() && std::ranges::find(fault.subjects, subject) == fault.subjects.end())
      continue;
    Step step;
    step.evidence = fault.why;
    step.cause = Cause::machine_fault;
    if (fault.answer == Answer::unknown) {
      step.axis = Axis::unknown;
    } else {
      step.axis = Axis::unfit;
      step.fails = make_failure(fault.code, caller, place);
      // 35 for another reason than an old driver: PyTorch has other words for it.
      if (fault.code == 35) step.fails->seen_as = {"seen.35-no-driver"};
    }
    steps.push_back(std::move(step));
  }
  return steps;
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
