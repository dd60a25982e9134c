#include "judge/cause_remedies.h"

#include <algorithm>

#include "judge/edit.h"
#include "judge/listing.h"
#include "judge/outcome.h"
#include "judge/pair_remedies.h"
#include "knowledge/machine_of.h"

namespace cufit {

namespace {

/// The worst verdict on these pairs on this machine; nothing if there are none.
std::optional<Verdict> worst_verdict(const MachineState& state, const std::vector<FoundCause>& faults,
                                     const JudgedPairs& pairs, std::span<const Subject> subjects,
                                     const Knowledge& k) {
  std::optional<Verdict> worst;
  auto listing = list_devices(state.machine, state.observed, faults, k);
  for (auto& gpu : state.machine.gpus) {
    auto place = place_of(k, state.machine, gpu, &state.observed);
    if (!place) continue;
    place->installed = subjects;
    place->faults = &faults;
    place->listing = &listing;
    place->loads = state.loads;
    for (auto& s : subjects) {
      if (std::ranges::find(pairs, std::pair(s.id, gpu.id)) == pairs.end()) continue;
      worst = std::max(worst.value_or(Verdict::fits), decide(s, *place).judgement.verdict);
    }
  }
  return worst;
}

/// {name} of the words and commands of a remedy; nothing if one is not known.
std::optional<std::string> filled(std::string_view text, const CauseArgs& args) {
  std::string out;
  while (true) {
    auto open = text.find('{');
    out += text.substr(0, open);
    if (open == text.npos) return out;
    auto close = text.find('}', open);
    auto name = text.substr(open + 1, close - open - 1);
    auto* value = argument(args, name);
    if (close == text.npos || !value) return std::nullopt;
    out += *value;
    text.remove_prefix(close + 1);
  }
}

size_t missing_in(const std::vector<Loads>& all) {
  size_t n = 0;
  for (auto& process : all) n += size_t(std::ranges::count(process.loads, Found::not_found, &Load::found));
  return n;
}

/// Does the change do harm: a library is not found any more, or another error comes up?
/// A fault that shows only when another one is mended is no harm, so this is asked of variables only.
bool does_harm(const MachineState& state, const std::vector<FoundCause>& then, const CauseSituation& now) {
  if (missing_in(state.loads) > missing_in(now.world.loads)) return true;
  return std::ranges::any_of(then, [&](auto& f) {
    bool is_new = std::ranges::find(now.causes, f.id, &FoundCause::id) == now.causes.end();
    return f.answer == Answer::yes && f.severity == Severity::error && is_new;
  });
}

/// What the files of a machine show, and its driver did not disprove.
std::vector<FoundCause> shown_by_files(const MachineState& state, const World& world, const Knowledge& k) {
  auto* probed = world.probed ? &*world.probed : nullptr;
  return find_faults(
      {state.machine, state.observed, world.subjects, state.loads, world.files, k, probed, true});
}

bool has(const std::vector<FoundCause>& faults, const std::string& id, Answer answer) {
  return std::ranges::any_of(faults, [&](auto& f) { return f.id == id && f.answer == answer; });
}

/// What only a call showed, or made sure, files cannot show to be gone.
bool only_driver_told(const FoundCause& cause, const World& world, const Knowledge& k) {
  if (!world.probed || !world.observed) return false;
  return !has(shown_by_files({world.machine, *world.observed, world.loads}, world, k), cause.id,
              cause.answer);
}

/// Where something else stops a subject after the change: what helps besides. A few subjects are tried.
std::optional<Remedy> besides(const MachineState& state, const std::vector<FoundCause>& faults,
                              const JudgedPairs& pairs, std::span<const Subject> subjects,
                              const Knowledge& k) {
  constexpr size_t most = 3;
  for (auto& [id, gpu_id] : std::span(pairs).first(std::min(pairs.size(), most))) {
    auto subject = std::ranges::find(subjects, id, &Subject::id);
    auto gpu = std::ranges::find(state.machine.gpus, gpu_id, &Gpu::id);
    if (subject == subjects.end() || gpu == state.machine.gpus.end()) continue;
    auto place = place_of(k, state.machine, *gpu, &state.observed);
    if (!place) continue;
    place->installed = subjects;
    place->faults = &faults;
    place->loads = state.loads;
    if (auto r = remedy_besides(*subject, *place)) return r;
  }
  return std::nullopt;
}

/// Nothing where it does not help; two where it takes both.
std::vector<Remedy> remedy_of(const CauseRemedy& row, const FoundCause& cause, const JudgedPairs& on,
                              const CauseSituation& now) {
  auto& world = now.world;
  auto& k = now.knowledge;
  bool container = world.observed && world.observed->limits.container;
  if (!row.found.empty() && cause.why.text.id != "cause." + cause.id + '.' + std::string(row.found))
    return {};
  if (row.where == (container ? Where::host : Where::container)) return {};
  Remedy r;
  r.kind = Remedy::Kind::machine;
  r.text = {"cure." + std::string(row.id)};
  r.root = row.root, r.reboot = row.reboot;
  for (auto command : row.commands)
    if (auto words = filled(command, cause.args)) r.commands.push_back(std::move(*words));
  if (row.edit == Edit::none) return {r};
  auto changed = apply(row.edit, cause.args, world);
  // Of a container nobody knows what its host would give; a variable that is not set cannot be unset.
  if (!changed) return gives_from_outside(row.edit) ? std::vector{r} : std::vector<Remedy>();
  // What a container is started with nobody sets from within.
  auto commands = gives_from_outside(row.edit) ? std::vector<std::string>()
                                               : shell_commands(world.machine, changed->machine);
  bool by_variable = !commands.empty() && !row.root;
  if (by_variable) {
    r.kind = Remedy::Kind::env;
    r.commands.insert(r.commands.begin(), commands.begin(), commands.end());
  }
  if (!changed->loads_are_sure) return {r};
  changed->machine = machine_as_observed(changed->machine, changed->observed, k);
  auto faults = shown_by_files(*changed, world, k);
  if (has(faults, cause.id, Answer::yes) || (by_variable && does_harm(*changed, faults, now))) return {};
  if (only_driver_told(cause, world, k)) return {r};
  r.after = worst_verdict(*changed, faults, on, world.subjects, k);
  r.checked = true;
  std::vector<Remedy> both = {std::move(r)};
  if (both.front().after == Verdict::unfit)
    if (auto other = besides(*changed, faults, on, world.subjects, k)) both.push_back(std::move(*other));
  return both;
}

}  // namespace

std::vector<Remedy> remedies_of(const FoundCause& cause, const JudgedPairs& on, const CauseSituation& now) {
  std::vector<Remedy> remedies;
  for (auto& row : now.knowledge.cause(cause.id)->remedies) {
    auto found = remedy_of(row, cause, on, now);
    auto same = [&](auto& other) {
      return !found.front().commands.empty() && other.commands == found.front().commands;
    };
    if (found.empty() || std::ranges::any_of(remedies, same)) continue;
    for (auto& r : found) {
      r.id = 'r' + std::to_string(remedies.size() + 1);
      remedies.push_back(std::move(r));
    }
  }
  return remedies;
}

}  // namespace cufit
