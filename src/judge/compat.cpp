#include "judge/compat.h"

#include <algorithm>

namespace cufit {

namespace {

bool is_for_jetson(const ForwardCompatRow& row) { return row.id.find("orin") != row.id.npos; }

/// A rule of NVIDIA's container images about drivers, not a package.
bool is_package(const ForwardCompatRow& row) { return !row.id.ends_with("-image-rule"); }

/// FC-1 for whatever board it is; FC-9: what the guide does not promise but the library accepts is open.
Answer is_eligible(const Place& place, const ForwardCompatRow& package) {
  if (is_for_jetson(package)) return place.tegra ? Answer::yes : Answer::no;
  if (place.tegra) return Answer::no;
  bool all = true, none = true;
  auto boards = place.boards();
  for (auto* board : boards) {
    all &= board->forward_compat == CompatEligibility::eligible;
    none &= board->forward_compat == CompatEligibility::not_eligible;
  }
  if (boards.empty()) return Answer::unknown;
  return all ? Answer::yes : none ? Answer::no : Answer::unknown;
}

bool has(const Strings& list, std::string_view item) { return std::ranges::find(list, item) != list.end(); }

}  // namespace

CompatFit fit_compat(const ForwardCompatRow& package, const Place& place) {
  CompatFit fit;
  std::string name(package.id);
  auto eligible = is_eligible(place, package);
  if (eligible == Answer::no)
    return {Answer::no, &fc_11, {"compat.gpu-not-eligible", {{"package", name}}}, 804};
  if (!place.driver) return {Answer::unknown, &fc_2, {"compat.no-driver", {{"package", name}}}, 0};
  auto branch = place.knowledge.branch_of(place.driver->kernel, place.machine.driver_platform());
  auto* own = place.knowledge.driver_branch(package.libraries_from_branch);
  auto branch_name =
      branch.in_table ? std::string(branch.row->id) : 'R' + std::to_string(place.driver->kernel.major());
  std::vector<std::pair<std::string, std::string>> args = {{"package", name}, {"branch", branch_name}};
  bool same = branch.in_table && own && branch.row == own;
  bool newer = own && place.driver->kernel.major() > own->number;
  if (same || newer)
    return {Answer::no, &fc_2, {same ? "compat.not-newer" : "compat.older-than-driver", args}, 803};
  if (branch.in_table && has(package.incompatible_base_branches, branch.row->id))
    return {Answer::no, &fc_2, {"compat.branch-refused", args}, 803};
  if (!branch.in_table || !has(package.compatible_base_branches, branch.row->id))
    return {Answer::unknown, &fc_3, {"compat.branch-not-listed", args}, 0};
  if (eligible == Answer::unknown)
    return {Answer::unknown, &fc_9, {"compat.gpu-unsure", {{"package", name}}}, 0};
  return {Answer::yes, &fc_2, {"compat.works", args}, 0};
}

std::vector<const ForwardCompatRow*> compat_packages(const Place& place) {
  std::vector<const ForwardCompatRow*> packages;
  for (auto& row : place.knowledge.tables().forward_compat)
    if (is_package(row) && is_for_jetson(row) == place.tegra) packages.push_back(&row);
  std::ranges::sort(packages, {}, &ForwardCompatRow::cuda);
  return packages;
}

Step judge_compat(const Place& place, const Caller& caller) {
  Step step;
  auto* name = place.machine.driver.compat.get();
  if (!name && !place.compat) return step;
  auto* row = place.compat ? place.compat : place.knowledge.forward_compat(*name);
  FactRef fact = "machine.driver.compat";
  if (!row) {
    step.axis = Axis::unknown;
    step.evidence =
        evidence(fc_2, Verdict::unknown, {"compat.no-such-package", {{"package", *name}}}, {fact});
    return step;
  }
  std::vector<RowRef> rows = {"forward_compat/" + std::string(row->id)};
  auto fit = fit_compat(*row, place);
  // A driver that only is a condition of the verdict tells nothing about the package on it.
  if (fit.code != 804 && !place.machine.driver.version)
    fit = {Answer::unknown, &fc_2, {"compat.no-driver", {{"package", std::string(row->id)}}}, 0};
  switch (fit.works) {
    case Answer::no:
      step.axis = Axis::unfit;
      step.cause = fit.code == 804 ? Cause::compat_on_ineligible_gpu : Cause::compat_does_not_pair;
      step.evidence = evidence(*fit.rule, Verdict::unfit, fit.why, {fact}, rows);
      step.fails = make_failure(fit.code, caller, place);
      return step;
    case Answer::unknown:
      step.axis = Axis::unknown;
      step.evidence = evidence(*fit.rule, Verdict::unknown, fit.why, {fact}, rows);
      return step;
    case Answer::yes:
      break;
  }
  step.axis = Axis::limited;
  step.evidence = evidence(*fit.rule, Verdict::limited, fit.why, {fact}, rows);
  step.limits.push_back(
      {std::string(fc_4.id), {"limit.forward-compat", {{"package", std::string(row->id)}}}, 0});
  auto* base = place.knowledge.branch_of(place.driver->kernel).row;
  if (base && !place.knowledge.is_maintained(*base))
    step.notes.push_back(
        {std::string(fc_3.id), {"note.base-branch-ended", {{"branch", std::string(base->id)}}}});
  return step;
}

}  // namespace cufit
