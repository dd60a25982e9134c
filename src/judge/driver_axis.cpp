#include "judge/driver_axis.h"

#include <algorithm>

#include "base/text.h"
#include "judge/listing.h"
#include "judge/run.h"
#include "judge/tegra.h"
#include "model/observed.h"

namespace cufit {

namespace {

const FactRef driver_fact = "machine.driver.kernel";

std::string chip_name(const Place& place) {
  return place.chips.size() == 1 ? std::string(place.chips[0]->id) : place.sm.name();
}

std::vector<RowRef> chip_rows(const Place& place) {
  std::vector<RowRef> rows;
  for (auto* chip : place.chips) rows.push_back("chip/" + std::string(chip->id));
  return rows;
}

/// "12.4", or "12.x" where only the major is known.
std::string cuda_label(Cuda cuda, bool exact) {
  return exact || cuda.major < 11 ? cuda.dotted() : std::to_string(cuda.major) + ".x";
}

/// A board that its own branch or an earlier release did not list yet: a note, never a verdict.
void note_first_listing(const Place& place, Step& step) {
  if (!place.board || place.board->first_driver.version.empty()) return;
  auto& have = place.driver->kernel;
  auto listed = place.board->first_driver.version;
  if (have < listed.version())
    step.notes.push_back(
        {std::string(drv_5.id), {"note.board-listed", {{"driver", std::string(listed.text)}}}});
}

/// A branch past its end: what runs on it goes on running. Nothing to say of a driver that is only a
/// condition; FC-3 says it of the base of a cuda-compat package.
void note_branch_end(const Place& place, Step& step) {
  if (!place.machine.driver.version || place.machine.driver.compat || place.compat) return;
  auto branch = place.knowledge.branch_of(place.driver->kernel, place.machine.driver_platform());
  if (!branch.in_table || branch.row->eol.empty()) return;
  auto eol = branch.row->eol;
  if (eol >= place.knowledge.date().substr(0, eol.size())) return;
  step.notes.push_back(
      {std::string(drv_8.id),
       {"note.driver-branch-ended", {{"branch", std::string(branch.row->id)}, {"eol", std::string(eol)}}}});
}

Answer both(Answer least, Answer most) {
  if (most == Answer::yes) return Answer::yes;
  return least == Answer::no ? Answer::no : Answer::unknown;
}

/// "R595": the first branch of this CUDA version, where no release is named (CUDA 13 on Windows).
std::string first_branch_of(Cuda toolkit, const Knowledge& k) {
  auto drivers = k.tables().drivers;
  auto row = std::ranges::find_if(drivers, [&](auto& d) { return d.cuda >= toolkit; });
  return row == drivers.end() ? "?" : std::string(row->id);
}

Step judge_floor(const JudgedFile& file, const SubjectId& subject, const Place& place) {
  auto& need = *file.need;
  auto& driver = *place.driver;
  auto platform = place.machine.driver_platform();
  auto least = check_floor(place.knowledge, need.at_least, driver, platform);
  auto most = check_floor(place.knowledge, need.at_most, driver, platform);
  // TEGRA-1: drivers of JetPack have floors of their own, and up to 5 (35.4.1) numbers of their own: what
  // tells is their CUDA, where somebody stated it.
  auto& given = place.machine.driver.cuda;
  bool stated = given && given.from.kind != Source::Kind::knowledge;
  if (place.tegra && (stated || !driver.row))
    for (auto [toolkit, check] : {std::pair(need.at_least, &least), std::pair(need.at_most, &most)})
      check->meets = !driver.cuda                         ? Answer::unknown
                     : *driver.cuda >= toolkit            ? Answer::yes
                     : driver.cuda->major < toolkit.major ? Answer::no
                                                          : Answer::unknown;
  bool exact = need.at_least == need.at_most;
  bool one_major = need.at_least.major == need.at_most.major;
  auto toolkit = cuda_label(need.at_least, exact);
  std::vector<FactRef> facts = {driver_fact, "subjects." + subject + ".toolkit"};
  std::vector<RowRef> rows;
  if (least.row) rows.push_back("toolkit/" + std::string(least.row->id));
  if (driver.row) rows.push_back("driver/" + std::string(driver.row->id));
  auto have = driver.version.text();
  if (place.compat) have += " (" + std::string(place.compat->id) + ')';
  auto floor = least.floor ? least.floor->text() : first_branch_of(need.at_least, place.knowledge);

  Step step;
  switch (both(least.meets, most.meets)) {
    case Answer::yes:
      step.axis = Axis::fits;
      step.evidence = evidence(least.by_minor_compat ? *least.rule : drv_1, Verdict::fits,
                               {"driver.floor-met", {{"toolkit", toolkit}, {"have", have}}}, facts, rows);
      if (least.by_minor_compat)
        step.notes.push_back({std::string(drv_4.id),
                              {"note.minor-compat",
                               {{"toolkit", toolkit}, {"cuda", driver.cuda ? driver.cuda->dotted() : "?"}}}});
      break;
    case Answer::no:
      step.axis = Axis::unfit;
      step.cause = Cause::driver_too_old_for_runtime;
      step.evidence = evidence(
          *least.rule, Verdict::unfit,
          {"driver.floor-below", {{"toolkit", toolkit}, {"need", floor}, {"have", have}}}, facts, rows);
      if (place.tegra)
        step.evidence.text = {"driver.jetpack-below",
                              {{"toolkit", toolkit}, {"cuda", driver.cuda ? driver.cuda->dotted() : "?"}}};
      step.fails = make_failure(need.runtime ? 35 : 200, file.caller(), place);
      break;
    case Answer::unknown:
      step.axis = Axis::unknown;
      if (least.meets == Answer::unknown || one_major)
        step.evidence =
            evidence(*least.rule, Verdict::unknown,
                     {"driver.floor-unknown", {{"toolkit", toolkit}, {"have", have}}}, facts, rows);
      else
        step.evidence =
            evidence(*most.rule, Verdict::unknown,
                     {"driver.floor-range",
                      {{"from", need.at_least.dotted()}, {"to", need.at_most.dotted()}, {"have", have}}},
                     facts, rows);
      break;
  }
  return step;
}

bool is_worse(Axis x, Axis y) {
  auto rank = [](Axis a) { return a == Axis::not_asked ? -1 : int(verdict_of(a)); };
  return rank(x) > rank(y);
}

Text unsure_text(const std::string& have, const std::string& chip, const DriverWindow& window) {
  std::string from(window.not_before.text), sure(window.known_from.text);
  if (from.empty()) return {"driver.unsure-gpu-from", {{"have", have}, {"chip", chip}, {"sure", sure}}};
  return {"driver.unsure-gpu", {{"have", have}, {"chip", chip}, {"from", from}, {"sure", sure}}};
}

}  // namespace

Step judge_chip(const Place& place, const Caller& caller) {
  using Fit = DriverWindow::Fit;
  auto& driver = *place.driver;
  auto have = driver.kernel.text();
  auto chip = chip_name(place);
  auto rows = chip_rows(place);
  Step step;
  if (!driver.in_table && driver.row)
    step.notes.push_back({std::string(drv_1.id), {"note.driver-not-in-tables", {{"driver", have}}}});
  if (place.tegra) {
    step.notes.push_back({std::string(tegra_1.id), {"note.jetpack"}});
    return step;
  }
  note_branch_end(place, step);
  switch (place.window.fit(driver.kernel, place.machine.driver_platform())) {
    case Fit::too_old:
      step.axis = Axis::unfit;
      step.cause = Cause::driver_older_than_gpu;
      step.evidence =
          evidence(drv_5, Verdict::unfit,
                   {"driver.older-than-gpu",
                    {{"have", have}, {"chip", chip}, {"need", std::string(place.window.not_before.text)}}},
                   {driver_fact}, rows);
      step.fails = make_failure(100, caller, place);
      break;
    case Fit::too_new:
      step.axis = Axis::unfit;
      step.cause = Cause::legacy_gpu_dropped_by_driver;
      step.evidence = evidence(
          drv_6, Verdict::unfit,
          {"driver.dropped-gpu",
           {{"have", have}, {"chip", chip}, {"branch", 'R' + std::to_string(place.window.last_branch)}}},
          {driver_fact}, rows);
      step.fails = make_failure(100, caller, place);
      break;
    case Fit::unsure:
      if (!place.window.floor_known) {
        step.notes.push_back({std::string(drv_5.id), {"note.floor-not-known", {{"sm", place.sm.name()}}}});
        break;
      }
      step.axis = Axis::unknown;
      step.evidence =
          evidence(drv_5, Verdict::unknown, unsure_text(have, chip, place.window), {driver_fact}, rows);
      break;
    case Fit::knows:
      step.axis = Axis::fits;
      step.evidence = evidence(drv_5, Verdict::fits, {"driver.knows-gpu", {{"have", have}, {"chip", chip}}},
                               {driver_fact}, rows);
      note_first_listing(place, step);
      break;
  }
  return step;
}

Step judge_floors(std::span<const JudgedFile* const> files, const SubjectId& subject, const Place& place) {
  Step worst;
  for (auto* file : files) {
    if (!file->need || !place.driver) continue;
    // Cubins given to the driver: only those that it would take meet a floor; PTX obeys its ISA alone.
    if (!file->need->runtime && !file->fit.uses_sass()) continue;
    auto step = judge_floor(*file, subject, place);
    bool better_proof = step.axis == worst.axis && worst.notes.empty() && !step.notes.empty();
    if (is_worse(step.axis, worst.axis) || better_proof) worst = std::move(step);
  }
  return worst;
}

Step judge_visibility(const Place& place, const Caller& caller) {
  Step step;
  auto variable = place.machine.env.find("CUDA_VISIBLE_DEVICES");
  if (variable == place.machine.env.end()) return step;
  auto text = [&](const char* id) { return Text{id, {{"value", variable->second}}}; };
  FactRef fact = "machine.env.CUDA_VISIBLE_DEVICES";
  // Each given GPU is judged as the only one of its machine; of one that was looked at all are known.
  auto* listing = place.listing;
  auto first = listing ? listing->first : visible_devices(variable->second, DeviceList::of(1)).first;
  if (listing && listing->by_instance)
    step.notes.push_back({std::string(vis_1.id), {"note.mig-instance", {{"value", variable->second}}}});
  switch (first) {
    case Visibility::visible:
      return step;
    case Visibility::hidden:
    case Visibility::duplicate: {
      bool hidden = first == Visibility::hidden;
      step.axis = Axis::unfit;
      step.cause = Cause::cuda_visible_devices_bad;
      step.evidence = evidence(hidden ? vis_1 : run_8, Verdict::unfit,
                               text(hidden ? "visible.none" : "visible.twice"), {fact});
      step.fails = make_failure(hidden ? 100 : 101, caller, place);
      if (hidden && !place.observed) step.notes.push_back({std::string(vis_1.id), {"note.only-gpu"}});
      return step;
    }
    case Visibility::unknown:
      step.axis = Axis::unknown;
      step.evidence =
          listing ? listing->open : evidence(vis_1, Verdict::unknown, text("visible.uuid"), {fact});
      return step;
  }
  return step;
}

}  // namespace cufit
