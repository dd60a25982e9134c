#include "judge/outcome.h"

#include <algorithm>

#include "base/text.h"
#include "judge/bin.h"
#include "judge/build_subject.h"
#include "judge/compat.h"
#include "judge/container.h"
#include "judge/driver_axis.h"
#include "judge/host.h"
#include "judge/image_axis.h"
#include "judge/machine_axis.h"
#include "judge/missing_libraries.h"
#include "judge/neighbours.h"
#include "judge/tegra.h"
#include "judge/uses.h"
#include "model/cuda_library.h"
#include "model/hidden_code.h"

namespace cufit {

namespace {

/// The callers' conventions of the files that decide, for failures that no single file causes.
Caller caller_of(std::span<const JudgedFile* const> deciding, std::span<const JudgedFile> all) {
  if (!deciding.empty()) return deciding.front()->caller();
  return all.empty() ? Caller{} : all.front().caller();
}

/// Files whose toolkit the driver must run: those that decide, and core files without kernels of their own.
std::vector<const JudgedFile*> files_with_floor(std::span<const JudgedFile> all,
                                                std::span<const JudgedFile* const> deciding) {
  std::vector<const JudgedFile*> files(deciding.begin(), deciding.end());
  auto add = [&](Role role) {
    for (auto& file : all)
      if (file.role() == role && std::ranges::find(files, &file) == files.end()) files.push_back(&file);
  };
  for (auto role : {Role::core, Role::dispatching}) add(role);
  for (auto role : {Role::math, Role::optional, Role::on_request})
    if (files.empty()) add(role);
  return files;
}

std::vector<Sm> machine_code_of(std::span<const JudgedFile* const> files) {
  std::vector<Sm> targets;
  for (auto& [kind, target] : targets_of(files))
    if (kind == Image::Kind::sass) targets.push_back(target);
  return targets;
}

void note_unread(const Subject& subject, std::span<const JudgedFile* const> deciding, Judgement& j) {
  // That the catalogue does not have a package is the verdict itself, and no place.
  auto places = size_t(std::ranges::count_if(subject.unread, [&](auto& g) { return g.what != j.why.text; }));
  for (auto* file : deciding) places += file->bin().unread.size();
  if (places > 0)
    j.notes.push_back({std::string(bin_1.id), {"note.unread", {{"n", std::to_string(places)}}}});
}

/// No GPU code: nothing to ask of images, unless something could not be read.
Step judge_nothing(const Subject& subject, const std::vector<JudgedFile>& files, bool needs_cuda) {
  Step step;
  // Nothing was read that could decide, so any place that was not read may.
  bool unread = !subject.unread.empty();
  for (auto& file : files) unread |= !file.bin().unread.empty();
  if (unread) {
    step.axis = Axis::unknown;
    step.evidence = evidence(bin_1, Verdict::unknown, {"image.none-read"});
    // One reason for all of it says more.
    auto& gaps = subject.unread;
    bool alike = !gaps.empty() &&
                 std::ranges::all_of(gaps, [&](auto& g) { return g.what.id == gaps.front().what.id; });
    if (alike && files.empty()) step.evidence.text = gaps.front().what;
    if (alike && gaps.front().what.id == gap_denied)
      step.evidence.text = {"image.denied", {{"file", gaps.front().path}}};
    if (alike && gaps.front().what.id == gap_file_missing)
      step.evidence.text = {"image.file-gone", {{"file", gaps.front().path}, {"package", subject.name}}};
  } else {
    step = without_cuda(subject, needs_cuda);
  }
  return step;
}

std::optional<std::string> variable_behind(Cause cause, const Place& place) {
  switch (cause) {
    case Cause::cuda_visible_devices_bad:
      return "CUDA_VISIBLE_DEVICES";
    case Cause::ptx_jit_disabled:
      return place.jit.disabled.variable;
    case Cause::ptx_jit_forced:
      return place.jit.forced.variable;
    default:
      return std::nullopt;
  }
}

/// The stages in the order in which a program meets them; the worst leads, and of equals the first.
void join(std::vector<Step>& steps, Outcome& outcome) {
  auto& j = outcome.judgement;
  const Step* lead = nullptr;
  for (auto& step : steps) {
    if (step.evidence.rule.empty()) continue;
    if (!lead || verdict_of(step.axis) > verdict_of(lead->axis)) lead = &step;
  }
  j.verdict = Verdict::fits;
  for (auto& step : steps) j.verdict = std::max(j.verdict, verdict_of(step.axis));
  if (lead) {
    j.why = lead->evidence;
    j.fails = lead->fails;
    outcome.cause = lead->cause;
  }
  for (auto& step : steps) {
    if (&step != lead && !step.evidence.rule.empty()) j.why.parts.push_back(step.evidence);
    j.limits.insert(j.limits.end(), step.limits.begin(), step.limits.end());
    for (auto& note : step.notes)
      if (std::ranges::find(j.notes, note) == j.notes.end()) j.notes.push_back(note);
    if (outcome.cause == Cause::none && verdict_of(step.axis) == j.verdict) outcome.cause = step.cause;
    outcome.also_lacks_arch |= step.cause == Cause::lacks_arch && step.axis == Axis::unfit;
  }
  if (outcome.cause == Cause::lacks_arch) outcome.also_lacks_arch = false;
}

Axis worse(Axis x, Axis y) {
  if (x == Axis::not_asked) return y;
  if (y == Axis::not_asked) return x;
  return verdict_of(x) >= verdict_of(y) ? x : y;
}

}  // namespace

Step without_cuda(const Subject& subject, bool needs_cuda) {
  Step step;
  if (!needs_cuda && subject.kind == Subject::Kind::process) {
    // It may open CUDA later: whether that will run was not asked of anything.
    step.axis = Axis::unknown;
    step.evidence = evidence(bin_1, Verdict::unknown, {"image.process-without-cuda"});
    return step;
  }
  if (subject.kind == Subject::Kind::directory && subject.environment.empty() && subject.files_read == 0) {
    // Whoever names an empty folder means another one, or one that is not mounted yet.
    step.axis = Axis::unknown;
    step.evidence = evidence(bin_1, Verdict::unknown, {"image.empty-folder"});
    return step;
  }
  step.evidence = evidence(bin_1, Verdict::fits,
                           {needs_cuda               ? "image.no-code-of-its-own"
                            : only_compiles(subject) ? "image.only-compiles"
                                                     : "image.no-code"});
  return step;
}

Outcome decide_here(const Subject& subject, const Place& place) {
  auto files = read_files(subject, place);
  // What Triton is for is the code that its compiler makes; its own libraries serve profilers.
  bool by_triton = is_triton(subject) && runtime_compiler(subject, place);
  if (by_triton) files.clear();
  auto deciding = deciding_files(files, subject, place);
  auto caller = caller_of(deciding, files);
  caller.without_driver = without_driver(subject);
  caller.driver_api |= opens_libcuda(caller);
  auto with_floor = files_with_floor(files, deciding);
  Outcome outcome;
  auto& j = outcome.judgement;
  j.subject = subject.id;
  j.gpu = place.gpu.id;

  auto images = judge_images(files, deciding, subject, place);
  j.coverage = images.coverage;
  j.image_axis = images.axis;
  bool running = subject.kind == Subject::Kind::process;
  bool needs_cuda = by_triton || std::ranges::any_of(files, [&](auto& f) {
                      // What a process has mapped it asked for, by dlopen too.
                      if (running && is_cuda_library(base_name(std::string_view(f.bin().path)))) return true;
                      return f.need || f.fit.axis != Axis::not_asked ||
                             std::ranges::any_of(f.bin().dyn.needed, is_cuda_library);
                    });
  std::vector<Step> driver_steps;
  driver_steps.reserve(8);
  auto add_driver_step = [&](Step step) {
    j.driver_axis = worse(j.driver_axis, step.axis);
    driver_steps.push_back(std::move(step));
  };
  auto add_machine_steps = [&](std::initializer_list<Stage> stages) {
    for (auto stage : stages)
      for (auto& step : judge_machine(stage, subject.id, place, caller)) add_driver_step(std::move(step));
  };
  if (needs_cuda) {
    add_machine_steps({Stage::libcuda, Stage::pairing});
    // Whether libcuda and the kernel driver pair is settled before any GPU is looked at, whether the package
    // serves the GPU (804) after.
    auto compat = judge_compat(place, caller);
    bool after_chip = compat.fails && compat.fails->code == 804;
    if (!after_chip) add_driver_step(compat);
    if (place.driver) add_driver_step(judge_chip(place, caller));
    add_machine_steps({Stage::module});
    if (after_chip) add_driver_step(std::move(compat));
    add_driver_step(judge_wsl(place, caller));
    // What hides a GPU is met after the driver has looked for it, before it looks at libraries.
    driver_steps.push_back(judge_visibility(place, caller));
    add_machine_steps({Stage::devices, Stage::fabric, Stage::calls});
    if (place.driver) add_driver_step(judge_floors(with_floor, subject.id, place));
  }
  // A library that is missing ends the program before it comes to CUDA.
  auto start = judge_machine(Stage::start, subject.id, place, caller);
  start.push_back(judge_gone_files(subject, place));
  auto worst_driver = Verdict::fits, worst_start = Verdict::fits;
  for (auto& step : start) worst_start = std::max(worst_start, verdict_of(step.axis));
  for (auto& step : driver_steps) worst_driver = std::max(worst_driver, verdict_of(step.axis));
  auto uses = judge_uses(subject, std::max({verdict_of(images.axis), worst_driver, worst_start}), place);
  std::vector<Step> steps;
  steps.reserve(driver_steps.size() + start.size() + 6);
  steps.push_back(judge_requirements(place));
  steps.push_back(judge_host(subject, place));
  for (auto& step : start) steps.push_back(std::move(step));
  if (images.axis == Axis::not_asked && !by_triton)
    driver_steps.push_back(judge_nothing(subject, files, needs_cuda));
  // The image comes last in time but first as the proof of a subject that fits.
  bool images_lead = verdict_of(images.axis) > worst_driver || worst_driver == Verdict::fits;
  if (images_lead) steps.push_back(std::move(images));
  for (auto& step : driver_steps) steps.push_back(std::move(step));
  if (!images_lead) steps.push_back(std::move(images));
  steps.push_back(judge_jit_library(j.coverage, place, caller));
  steps.push_back(judge_limits(subject.id, place.gpu.id, place.faults));
  steps.push_back(judge_neighbours(subject, place));
  j.uses = std::move(uses.uses);
  // What a use would meet is no news about a subject that does not run at all.
  if (std::max({verdict_of(j.image_axis), worst_driver, worst_start}) < Verdict::unfit)
    steps.push_back(std::move(uses));
  join(steps, outcome);
  if (place.tegra && !place.driver) j.notes.push_back({std::string(tegra_1.id), {"note.jetpack"}});
  // That a newer minor runs on this driver is no news about a subject that does not run.
  if (j.verdict == Verdict::unfit) std::erase_if(j.notes, [](const Note& n) { return n.rule == drv_4.id; });
  note_unread(subject, deciding, j);
  if (subject.kind == Subject::Kind::build) word_as_listed(j);
  outcome.targets = machine_code_of(deciding);
  outcome.own_code = deciding.empty() || !is_set(deciding.front()->role());
  outcome.unset = variable_behind(outcome.cause, place);
  return outcome;
}

}  // namespace cufit
