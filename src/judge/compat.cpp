#include "judge/compat.h"

#include <algorithm>

namespace cufit {

namespace {

/// FC-11 names GeForce and TITAN, whatever the age of the board.
bool is_consumer(Segment s) {
  return s == Segment::geforce || s == Segment::geforce_laptop || s == Segment::titan;
}

/// FC-1 for whatever board it is; FC-9: what the guide does not promise but the library accepts is open.
Answer is_eligible(const Place& place, const ForwardCompatRow& package) {
  if (package.kind == CompatKind::jetson) return place.tegra ? Answer::yes : Answer::no;
  if (place.tegra) return Answer::no;
  bool all = true, none = true;
  auto& boards = place.boards;
  for (auto* board : boards) {
    all &= board->forward_compat == CompatEligibility::eligible;
    none &= board->forward_compat == CompatEligibility::not_eligible || is_consumer(board->segment);
  }
  if (boards.empty()) return Answer::unknown;
  return all ? Answer::yes : none ? Answer::no : Answer::unknown;
}

bool has(const Strings& list, std::string_view item) { return std::ranges::find(list, item) != list.end(); }

/// Does the kernel driver take the libcuda of the package? The table decides (FC-2, FC-3).
CompatFit pairs(const ForwardCompatRow& package, const Place& place) {
  std::string name(package.id);
  if (!place.driver) return {Answer::unknown, &fc_2, {"compat.no-driver", {{"package", name}}}, 0};
  auto branch = place.knowledge.branch_of(place.driver->kernel, place.machine.driver_platform());
  auto* own = place.knowledge.driver_branch(package.libraries_from_branch);
  auto branch_name =
      branch.in_table ? std::string(branch.row->id) : 'R' + std::to_string(place.driver->kernel.major());
  std::vector<std::pair<std::string, std::string>> args = {{"package", name}, {"branch", branch_name}};
  // The table says "not applicable" of the package's own branch: not needed, and not said to fail.
  if (branch.in_table && own && branch.row == own)
    return {Answer::unknown, &fc_2, {"compat.not-newer", args}, 0};
  if (own && place.driver->kernel.major() > own->number)
    return {Answer::no, &fc_2, {"compat.older-than-driver", args}, 803};
  if (branch.in_table && has(package.incompatible_base_branches, branch.row->id))
    return {Answer::no, &fc_2, {"compat.branch-refused", args}, 803};
  if (!branch.in_table || !has(package.compatible_base_branches, branch.row->id))
    return {Answer::unknown, &fc_3, {"compat.branch-not-listed", args}, 0};
  return {Answer::yes, &fc_2, {"compat.works", args}, 0};
}

/// DRV-6 holds for the libraries of the package, too: those of R590 and later know no Volta.
bool has_dropped_gpu(const ForwardCompatRow& package, const Place& place) {
  auto* own = place.knowledge.driver_branch(package.libraries_from_branch);
  if (!own || place.tegra) return false;
  return place.window.fit(own->first_version.version(), Machine::Platform::linux) ==
         DriverWindow::Fit::too_new;
}

}  // namespace

CompatFit fit_compat(const ForwardCompatRow& package, const Place& place) {
  std::string name(package.id);
  auto pairing = pairs(package, place);
  if (pairing.works == Answer::no) return pairing;
  // FC-11: 804 is what a driver says that pairs.
  auto eligible = is_eligible(place, package);
  if (eligible == Answer::no)
    return {Answer::no, &fc_11, {"compat.gpu-not-eligible", {{"package", name}}}, 804};
  if (has_dropped_gpu(package, place))
    return {Answer::no,
            &drv_6,
            {"compat.dropped-gpu",
             {{"package", name},
              {"chip", place.chips.size() == 1 ? std::string(place.chips[0]->id) : place.sm.name()},
              {"branch", 'R' + std::to_string(place.window.last_branch)}}},
            100};
  if (pairing.works == Answer::yes && eligible == Answer::unknown)
    return {Answer::unknown, &fc_9, {"compat.gpu-unsure", {{"package", name}}}, 0};
  return pairing;
}

std::vector<const ForwardCompatRow*> compat_packages(const Place& place) {
  std::vector<const ForwardCompatRow*> packages;
  // They are libraries for the Linux driver; under WSL libcuda comes from Windows (WSL-1).
  if (place.machine.driver_platform() == Machine::Platform::windows) return packages;
  for (auto& row : place.knowledge.tables().forward_compat)
    if (row.kind == (place.tegra ? CompatKind::jetson : CompatKind::package)) packages.push_back(&row);
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
  // A driver that only is a condition of the verdict tells nothing about the package on it.
  auto there = place;
  if (!place.machine.driver.version) there.driver.reset();
  auto fit = fit_compat(*row, there);
  switch (fit.works) {
    case Answer::no:
      step.axis = Axis::unfit;
      step.cause = fit.code == 803 ? Cause::compat_does_not_pair : Cause::compat_on_ineligible_gpu;
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
  auto* base = place.knowledge.branch_of(place.driver->kernel, place.machine.driver_platform()).row;
  if (base && !place.knowledge.is_maintained(*base))
    step.notes.push_back(
        {std::string(fc_3.id), {"note.base-branch-ended", {{"branch", std::string(base->id)}}}});
  return step;
}

}  // namespace cufit
