#include "judge/judge.h"

#include <algorithm>
#include <deque>

#include "base/text.h"
#include "judge/bin.h"
#include "judge/build_subject.h"
#include "judge/cause_findings.h"
#include "judge/choose.h"
#include "judge/driver_axis.h"
#include "judge/findings.h"
#include "judge/listing.h"
#include "judge/machine_axis.h"
#include "judge/machine_view.h"
#include "judge/missing_libraries.h"
#include "judge/neighbours.h"
#include "judge/other_gpus.h"
#include "judge/sass.h"
#include "judge/together.h"
#include "judge/toolkit_need.h"
#include "judge/uses.h"
#include "knowledge/machine_of.h"
#include "model/cuda_library.h"

namespace cufit {

namespace {

/// What nobody said about a machine that was given on the command line.
void list_assumptions(Machine& machine, bool observed, const Knowledge& k) {
  auto assume = [&](const char* id) {
    if (std::ranges::find(machine.assumed, id) == machine.assumed.end()) machine.assumed.push_back(id);
  };
  if (machine.origin == "given" && !observed)
    for (auto* id : {"device-nodes-ok", "no-compat-libcuda", "jit-present", "kernel-module-fits", "cpu-fits"})
      assume(id);
  for (auto& gpu : machine.gpus)
    if (auto* sm = gpu.sm.get(); sm && k.chips_with(sm->plain()).empty()) assume("capability-exists");
  if (auto variable = machine.env.find("CUDA_VISIBLE_DEVICES"); variable != machine.env.end()) {
    if (!observed) assume("only-gpu");
    if (visible_devices(variable->second, DeviceList::of(1)).assumed_unknown_uuid)
      assume("uuid-names-no-gpu");
  }
  if (auto* version = machine.driver.version.get();
      version && !k.branch_of(*version, machine.driver_platform()).in_table)
    assume("newer-driver-keeps-old");
}

void fill_in_driver_cuda(Machine& machine, const Knowledge& k) {
  auto* version = machine.driver.version.get();
  if (!version || machine.driver.cuda) return;
  auto driver = view_driver(k, *version, machine.driver_platform());
  if (!driver.cuda || !driver.in_table) return;
  auto cuda = Version::parse(driver.cuda->dotted());
  machine.driver.cuda = {*cuda, {Source::Kind::knowledge, "driver/" + std::string(driver.row->id)}};
}

bool uses_cuda(const Subject& subject, const Knowledge& k) {
  bool running = subject.kind == Subject::Kind::process;
  return std::ranges::any_of(subject.members, [&](auto& m) {
    // What a process has mapped it asked for, by dlopen too.
    if (running && is_cuda_library(base_name(std::string_view(m.bin.path)))) return true;
    if (m.role == Role::jit_compiler) return is_triton(subject);
    return !m.bin.shapes.empty() || toolkit_need(k, m.bin) ||
           std::ranges::any_of(m.bin.dyn.needed, is_cuda_library);
  });
}

/// A GPU of which not even the compute capability is known, or none at all.
Outcome decide_without_gpu(const Subject& subject, std::span<const Subject> installed, const Gpu& gpu,
                           const Knowledge& knowledge, const std::vector<FoundCause>* faults) {
  Outcome outcome;
  auto& j = outcome.judgement;
  j.subject = subject.id;
  j.gpu = gpu.id;
  // What stops every program stops this one, whatever the GPU would be; without CUDA only what keeps it from
  // starting.
  bool cuda = uses_cuda(subject, knowledge);
  Caller caller = {.of_torch = serves_torch(subject, installed), .without_driver = without_driver(subject)};
  caller.driver_api = opens_libcuda(caller);
  auto stop = first_stop(subject.id, gpu.id, faults, knowledge, caller, cuda ? Stage::calls : Stage::start);
  bool unread = !subject.unread.empty() ||
                std::ranges::any_of(subject.members, [](auto& m) { return !m.bin.unread.empty(); });
  if (!cuda && unread && stop.evidence.rule.empty()) {
    // What was not read, or is not known of a published build, may hold code.
    j.verdict = Verdict::unknown;
    j.why = evidence(bin_1, Verdict::unknown,
                     subject.members.empty() && !subject.unread.empty() ? subject.unread.front().what
                                                                        : Text{"image.none-read"});
    return outcome;
  }
  if (!cuda && stop.evidence.rule.empty()) {
    auto without = without_cuda(subject, false);
    auto limits = judge_limits(subject.id, gpu.id, faults);
    auto& step = verdict_of(without.axis) < verdict_of(limits.axis) ? limits : without;
    j.verdict = verdict_of(step.axis);
    j.why = step.evidence;
    j.limits = step.limits;
    return outcome;
  }
  if (!stop.evidence.rule.empty()) {
    j.verdict = verdict_of(stop.axis);
    j.driver_axis = stop.axis;
    j.why = stop.evidence;
    j.fails = stop.fails;
    j.limits = stop.limits;
    outcome.cause = stop.cause;
    return outcome;
  }
  j.why =
      evidence(sass_1, Verdict::unknown, {"image.no-compute-capability"}, {"machine.gpus." + gpu.id + ".sm"});
  return outcome;
}

std::string gpu_name(const Gpu& gpu) { return gpu.name ? *gpu.name : gpu.id; }

/// What programs do not see is not judged, and why it is hidden is said.
void note_hidden(const Machine& machine, const Listing& listing, Judgement& j) {
  auto say = [&](std::string id, const std::string& gpu) {
    Note note = {std::string(vis_1.id), {std::move(id), {{"gpu", gpu}}}};
    if (std::ranges::find(j.notes, note) == j.notes.end()) j.notes.push_back(std::move(note));
  };
  for (size_t i = 0; i < machine.gpus.size(); i++)
    if (listing.visible[i] == Answer::no) say(std::string(listing.hidden_by[i]), gpu_name(machine.gpus[i]));
  if (listing.some_given)
    j.notes.push_back(
        {std::string(vis_1.id), {"visible.some-given", {{"n", std::to_string(*listing.some_given)}}}});
}

/// Some GPUs are hidden, and nobody can tell which: that a subject does not run on one of them, while it may
/// on others, is open. One that runs on none of them runs on none that is left.
void settle_open(const Evidence& why, std::span<Outcome* const> outcomes) {
  auto is_unfit = [](auto* o) { return o->judgement.verdict == Verdict::unfit; };
  if (std::ranges::all_of(outcomes, is_unfit)) return;
  for (auto* o : outcomes) {
    if (!is_unfit(o)) continue;
    auto& j = o->judgement;
    auto proof = std::move(j.why);
    j.verdict = Verdict::unknown;
    j.fails.reset();
    j.why = why;
    j.why.parts = std::move(proof.parts);
    proof.parts.clear();
    j.why.parts.insert(j.why.parts.begin(), std::move(proof));
    o->cause = Cause::none;
    o->also_lacks_arch = false;
  }
}

/// The report without its subjects.
Report judge_keeping(const Machine& machine, std::span<const Subject> subjects, const Knowledge& knowledge,
                     std::vector<KeptLeastDrivers>* kept, const Observed* observed = nullptr,
                     const std::vector<FoundCause>* faults = nullptr, std::span<const Loads> loads = {},
                     const CauseFacts* facts = nullptr) {
  Report report;
  report.knowledge = std::string(knowledge.date());
  report.machine = machine;
  fill_in_driver_cuda(report.machine, knowledge);
  list_assumptions(report.machine, observed, knowledge);

  std::deque<std::optional<Place>> places;  // addresses stay
  std::deque<KeptBuilds> builds;
  if (kept) kept->resize(report.machine.gpus.size());
  Listing listing;
  if (observed && faults) listing = list_devices(report.machine, *observed, *faults, knowledge);
  if (facts) take_answer(listing, MachineView(*facts));
  auto sees = [&](size_t gpu) { return gpu < listing.visible.size() ? listing.visible[gpu] : Answer::yes; };
  for (auto& gpu : report.machine.gpus) {
    auto place = place_of(knowledge, report.machine, gpu, observed);
    if (place && observed) place->listing = &listing;
    if (place) place->installed = subjects;
    if (place) place->faults = faults;
    if (place) place->loads = loads;
    if (place) place->builds = &builds.emplace_back();
    if (place && kept) place->least_drivers = &(*kept)[places.size()];
    places.push_back(std::move(place));
  }
  std::deque<Outcome> outcomes;
  std::deque<Subject> adapted;  // builds as they are published for another host
  std::vector<Case> cases;
  cases.reserve(subjects.size() * places.size());
  bool open = std::ranges::find(listing.visible, Answer::unknown) != listing.visible.end();
  for (auto& subject : subjects) {
    std::vector<Outcome*> here;
    std::vector<const Subject*> as;
    std::vector<const Place*> on;
    for (size_t i = 0; i < places.size(); i++) {
      if (sees(i) == Answer::no) continue;
      auto& place = places[i];
      auto* judged = &subject;
      if (place)
        if (auto other = on_platform(subject, *place)) judged = &adapted.emplace_back(std::move(*other));
      outcomes.push_back(
          place ? decide(*judged, *place)
                : decide_without_gpu(subject, subjects, report.machine.gpus[i], knowledge, faults));
      here.push_back(&outcomes.back());
      as.push_back(judged);
      on.push_back(place ? &*place : nullptr);
      if (observed) note_hidden(report.machine, listing, outcomes.back().judgement);
      if (place && place->driver) place->builds->add(*judged, outcomes.back().judgement.verdict);
    }
    if (observed) settle_not_listed(knowledge, here);
    if (open) settle_open(listing.open, here);
    for (size_t n = 0; n < here.size(); n++)
      if (on[n]) cases.push_back({*as[n], *on[n], *here[n]});
  }
  report.findings = find_causes(cases);
  report.judgements.reserve(outcomes.size());
  for (auto& outcome : outcomes) report.judgements.push_back(std::move(outcome.judgement));
  if (observed)
    for (auto& f : report.findings)
      if (auto remedy = use_other_gpus(f, report, listing)) f.remedies.push_back(std::move(*remedy));
  add_neighbour_uses(subjects, report.judgements);
  return report;
}

/// A machine that was described; what is wrong with the files of its environments holds all the same.
Report judge_described(const World& world, const Knowledge& knowledge, std::vector<KeptLeastDrivers>* kept) {
  auto faults = find_faults_of_files(world.machine, world.subjects, world.loads, world.files, knowledge);
  auto report = judge_keeping(world.machine, world.subjects, knowledge, kept, nullptr, &faults, world.loads);
  add_cause_findings(world, knowledge, std::move(faults), report);
  report.subjects = world.subjects;
  report.loads = world.loads;
  note_conflicts(report.subjects, report.judgements);
  note_libraries_of_machine(report.subjects, report.loads, report.judgements);
  return report;
}

/// A machine that somebody looked at, or its recording.
Report judge_observed(const World& world, const Knowledge& knowledge) {
  auto& observed = *world.observed;
  auto machine = machine_as_observed(world.machine, observed, knowledge);
  auto* probed = world.probed ? &*world.probed : nullptr;
  const CauseFacts facts = {machine, observed, world.subjects, world.loads, world.files, knowledge, probed};
  auto faults = find_faults(facts);
  auto report =
      judge_keeping(machine, world.subjects, knowledge, nullptr, &observed, &faults, world.loads, &facts);
  add_cause_findings(world, knowledge, std::move(faults), report);
  report.subjects = world.subjects;
  report.observed = observed;
  report.probed = world.probed;
  report.loads = world.loads;
  note_conflicts(report.subjects, report.judgements);
  note_libraries_of_machine(report.subjects, report.loads, report.judgements);
  return report;
}

}  // namespace

Report judge(const World& world, const Knowledge& knowledge) {
  if (world.observed) return judge_observed(world, knowledge);
  return judge_described(world, knowledge, nullptr);
}

Report judge(const World& world, const Knowledge& knowledge, std::vector<KeptLeastDrivers>& kept) {
  return judge_described(world, knowledge, &kept);
}

Report judge(const Machine& machine, std::span<const Subject> subjects, const Knowledge& knowledge,
             std::vector<KeptLeastDrivers>& kept) {
  auto faults = find_faults_of_files(machine, subjects, {}, FileIndex(), knowledge);
  auto report = judge_keeping(machine, subjects, knowledge, &kept, nullptr, &faults);
  if (!faults.empty())
    add_cause_findings({machine, {subjects.begin(), subjects.end()}}, knowledge, std::move(faults), report);
  return report;
}

}  // namespace cufit
