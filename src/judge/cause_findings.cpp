#include "judge/cause_findings.h"

#include <algorithm>
#include <set>

#include "judge/edit.h"
#include "judge/machine_view.h"
#include "judge/outcome.h"

namespace cufit {

namespace {

using Pairs = std::vector<std::pair<SubjectId, GpuId>>;

constexpr size_t most_parts = 8;  // of a proof: further libraries of the same fault say nothing new

/// The worst verdict on these pairs on this machine; nothing if there are none.
std::optional<Verdict> worst_verdict(const MachineState& state, const std::vector<FoundCause>& faults,
                                     const Pairs& pairs, std::span<const Subject> subjects,
                                     const Knowledge& k) {
  std::optional<Verdict> worst;
  for (auto& gpu : state.machine.gpus) {
    auto place = place_of(k, state.machine, gpu, &state.observed);
    if (!place) continue;
    place->installed = subjects;
    place->faults = &faults;
    for (auto& s : subjects) {
      if (std::ranges::find(pairs, std::pair(s.id, gpu.id)) == pairs.end()) continue;
      worst = std::max(worst.value_or(Verdict::fits), decide(s, *place).judgement.verdict);
    }
  }
  return worst;
}

/// Equal causes of several subjects and libraries are one.
std::vector<FoundCause> merged(std::vector<FoundCause> all) {
  std::vector<FoundCause> out;
  for (auto& cause : all) {
    auto same = std::ranges::find_if(out, [&](auto& other) {
      return other.id == cause.id && other.severity == cause.severity && other.answer == cause.answer;
    });
    if (same == out.end()) {
      out.push_back(std::move(cause));
      continue;
    }
    for (auto& s : cause.subjects)
      if (std::ranges::find(same->subjects, s) == same->subjects.end()) same->subjects.push_back(s);
    bool is_new = same->why.text != cause.why.text &&
                  std::ranges::find(same->why.parts, cause.why) == same->why.parts.end();
    if (is_new && same->why.parts.size() < most_parts) same->why.parts.push_back(std::move(cause.why));
  }
  return out;
}

/// All that follows from a cause, at any distance.
std::set<std::string> consequences(const CauseRow& row, const Knowledge& k) {
  std::set<std::string> all;
  std::vector<const CauseRow*> open = {&row};
  while (!open.empty()) {
    auto* next = open.back();
    open.pop_back();
    for (auto id : next->folds)
      if (all.emplace(id).second)
        if (auto* further = k.cause(id)) open.push_back(further);
  }
  return all;
}

/// A fault of single programs explains nothing about others.
bool may_explain(const FoundCause& root, const FoundCause& other) {
  if (root.answer != Answer::yes) return false;
  if (root.subjects.empty()) return true;
  return std::ranges::any_of(
      other.subjects, [&](auto& s) { return std::ranges::find(root.subjects, s) != root.subjects.end(); });
}

Pairs pairs_of(const FoundCause& cause, const Report& report) {
  Pairs pairs;
  for (auto& j : report.judgements) {
    bool stopped = j.why.rule == cause.id;
    bool named = std::ranges::find(cause.subjects, j.subject) != cause.subjects.end();
    if (stopped || (named && cause.is_on(j.gpu))) pairs.emplace_back(j.subject, j.gpu);
  }
  return pairs;
}

/// {name} of the words and commands of a remedy; nothing if one is not known.
std::optional<std::string> filled(std::string_view text, const EditArgs& args) {
  std::string out;
  while (true) {
    auto open = text.find('{');
    out += text.substr(0, open);
    if (open == text.npos) return out;
    auto close = text.find('}', open);
    auto name = text.substr(open + 1, close - open - 1);
    auto at = std::ranges::find(args, name, [](auto& a) { return std::string_view(a.first); });
    if (close == text.npos || at == args.end()) return std::nullopt;
    out += at->second;
    text.remove_prefix(close + 1);
  }
}

/// What findings are made of.
struct Situation {
  const World& world;
  const Report& report;
  const Knowledge& k;
  const std::vector<FoundCause>& causes;
};

size_t missing_in(const std::vector<Loads>& all) {
  size_t n = 0;
  for (auto& process : all) n += size_t(std::ranges::count(process.loads, Found::not_found, &Load::found));
  return n;
}

/// Does the change do harm: a library is not found any more, or another error comes up?
/// A fault that shows only when another one is mended is no harm, so this is asked of variables only.
bool does_harm(const MachineState& state, const std::vector<FoundCause>& then, const Situation& now) {
  if (missing_in(state.loads) > missing_in(now.world.loads)) return true;
  return std::ranges::any_of(then, [&](auto& f) {
    bool is_new = std::ranges::find(now.causes, f.id, &FoundCause::id) == now.causes.end();
    return f.answer == Answer::yes && f.severity == Severity::error && is_new;
  });
}

std::optional<Remedy> remedy_of(const CauseRemedy& row, const FoundCause& cause, const Pairs& on,
                                const Situation& now) {
  auto& world = now.world;
  auto& k = now.k;
  bool container = bool(world.observed->limits.container);
  if (!row.found.empty() && cause.why.text.id != "cause." + cause.id + '.' + std::string(row.found))
    return std::nullopt;
  if (row.where == (container ? Where::host : Where::container)) return std::nullopt;
  Remedy r;
  r.kind = Remedy::Kind::machine;
  r.text = {"cure." + std::string(row.id)};
  r.root = row.root, r.reboot = row.reboot;
  for (auto command : row.commands)
    if (auto words = filled(command, cause.args)) r.commands.push_back(std::move(*words));
  if (row.edit == Edit::none) return r;
  auto changed = apply(row.edit, cause.args, world);
  // Of a container nobody knows what its host would give; a variable that is not set cannot be unset.
  if (!changed) return gives_from_outside(row.edit) ? std::optional(r) : std::nullopt;
  auto commands = shell_commands(world.machine, changed->machine);
  bool by_variable = !commands.empty() && !row.root;
  if (by_variable) {
    r.kind = Remedy::Kind::env;
    r.commands.insert(r.commands.begin(), commands.begin(), commands.end());
  }
  if (!changed->loads_are_sure) return r;
  changed->machine = machine_as_observed(changed->machine, changed->observed, k);
  auto faults =
      find_faults({changed->machine, changed->observed, world.subjects, changed->loads, world.files, k});
  bool still =
      std::ranges::any_of(faults, [&](auto& f) { return f.id == cause.id && f.answer == Answer::yes; });
  if (still || (by_variable && does_harm(*changed, faults, now))) return std::nullopt;
  r.after = worst_verdict(*changed, faults, on, world.subjects, k);
  r.checked = true;
  return r;
}

Finding finding_of(const FoundCause& cause, const Situation& now) {
  auto& k = now.k;
  Finding f;
  f.cause = cause.id;
  auto severity =
      cause.answer == Answer::unknown ? std::max(cause.severity, Severity::warning) : cause.severity;
  f.severity = name_of(severity);
  f.confidence = name_of(cause.confidence);
  f.why = cause.why;
  f.on = pairs_of(cause, now.report);
  auto* row = k.cause(cause.id);
  if (!row || !cause.curable) return f;
  for (auto& remedy : row->remedies)
    if (auto r = remedy_of(remedy, cause, f.on, now)) {
      auto same = [&](auto& other) { return !r->commands.empty() && other.commands == r->commands; };
      if (std::ranges::any_of(f.remedies, same)) continue;
      r->id = 'r' + std::to_string(f.remedies.size() + 1);
      f.remedies.push_back(std::move(*r));
    }
  for (auto id : row->wrong)
    f.rejected.push_back({{"wrong." + std::string(id)}, cause.id, {"wrong." + std::string(id) + ".why"}});
  return f;
}

size_t rank(const Finding& f) {
  auto at = std::ranges::find(Names<Severity>::list, f.severity);
  return size_t(at - Names<Severity>::list.begin());
}

}  // namespace

void add_cause_findings(const World& world, const Knowledge& k, std::vector<FoundCause> found,
                        Report& report) {
  auto causes = merged(std::move(found));
  std::vector<Finding> findings;
  std::vector<bool> folded(causes.size());
  for (size_t i = 0; i < causes.size(); i++) {
    auto* row = k.cause(causes[i].id);
    if (!row) continue;
    auto all = consequences(*row, k);
    for (size_t n = 0; n < causes.size(); n++)
      if (n != i && all.contains(causes[n].id) && may_explain(causes[i], causes[n])) folded[n] = true;
  }
  for (size_t i = 0; i < causes.size(); i++) {
    if (folded[i]) continue;
    auto finding = finding_of(causes[i], {world, report, k, causes});
    if (auto* row = k.cause(causes[i].id)) {
      auto all = consequences(*row, k);
      for (size_t n = 0; n < causes.size(); n++)
        if (folded[n] && all.contains(causes[n].id) && may_explain(causes[i], causes[n]))
          finding.folds.push_back(causes[n].id);
    }
    findings.push_back(std::move(finding));
  }
  report.findings.insert(report.findings.begin(), findings.begin(), findings.end());
  std::ranges::stable_sort(report.findings, {}, rank);
}

Machine machine_as_observed(const Machine& given, const Observed& observed, const Knowledge& k) {
  auto machine = given;
  auto& kernel = observed.kernel;
  if (!machine.driver.version && kernel.loaded) machine.driver.version = kernel.loaded;
  auto* libcuda = loaded_library(observed, "libcuda.so.1");
  bool is_compat = libcuda && libcuda->kind == DriverLibrary::Kind::compat;
  if (!is_compat) {
    // One that was found by its path is gone when another libcuda comes first.
    if (machine.driver.compat && machine.driver.compat.from.kind == Source::Kind::path)
      machine.driver.compat = {};
    return machine;
  }
  if (machine.driver.compat || (libcuda->version && kernel.loaded && *libcuda->version == *kernel.loaded))
    return machine;
  std::string package =
      "cuda-compat" + (libcuda->version ? " (" + libcuda->version->text() + ')' : std::string());
  auto kind = observed.os.jetson ? CompatKind::jetson : CompatKind::package;
  if (libcuda->version)
    for (auto& row : k.tables().forward_compat)
      if (row.kind == kind && row.libraries_from_branch == 'R' + std::to_string(libcuda->version->major()))
        package = row.id;
  machine.driver.compat = {package, {Source::Kind::path, libcuda->path}};
  return machine;
}

}  // namespace cufit
