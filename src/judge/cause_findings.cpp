#include "judge/cause_findings.h"

#include <algorithm>
#include <set>

#include "judge/cause_remedies.h"

namespace cufit {

namespace {

constexpr size_t most_parts = 8;  // of a proof: further libraries of the same fault say nothing new

/// No names stand for all.
void unite(std::vector<std::string>& names, const std::vector<std::string>& others) {
  if (names.empty() || others.empty()) return names.clear();
  for (auto& name : others)
    if (std::ranges::find(names, name) == names.end()) names.push_back(name);
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
    unite(same->subjects, cause.subjects);
    unite(same->gpus, cause.gpus);
    same->curable |= cause.curable;
    for (auto& arg : cause.args)
      if (std::ranges::find(same->args, arg) == same->args.end()) same->args.push_back(arg);
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

/// Are they all among these?
bool lie_in(const std::vector<GpuId>& gpus, const std::vector<GpuId>& all) {
  return !gpus.empty() &&
         std::ranges::all_of(gpus, [&](auto& g) { return std::ranges::find(all, g) != all.end(); });
}

/// A fault of single programs or GPUs explains nothing about others.
bool may_explain(const FoundCause& root, const FoundCause& other) {
  if (root.answer != Answer::yes) return false;
  if (!root.gpus.empty() && !lie_in(other.gpus, root.gpus)) return false;
  if (root.subjects.empty()) return true;
  return std::ranges::any_of(
      other.subjects, [&](auto& s) { return std::ranges::find(root.subjects, s) != root.subjects.end(); });
}

JudgedPairs pairs_of(const FoundCause& cause, const Report& report) {
  JudgedPairs pairs;
  for (auto& j : report.judgements) {
    bool stopped = j.why.rule == cause.id;
    bool named = std::ranges::find(cause.subjects, j.subject) != cause.subjects.end();
    if (stopped || (named && cause.is_on(j.gpu))) pairs.emplace_back(j.subject, j.gpu);
  }
  return pairs;
}

Finding finding_of(const FoundCause& cause, const CauseSituation& now, const Report& report) {
  Finding f;
  f.cause = cause.id;
  auto severity =
      cause.answer == Answer::unknown ? std::max(cause.severity, Severity::warning) : cause.severity;
  f.severity = name_of(severity);
  f.confidence = name_of(cause.confidence);
  f.why = cause.why;
  f.on = pairs_of(cause, report);
  auto* row = now.knowledge.cause(cause.id);
  if (!row || !cause.curable) return f;
  f.remedies = remedies_of(cause, f.on, now);
  if (!cause.warns) return f;
  for (auto id : row->wrong)
    f.rejected.push_back({{"wrong." + std::string(id)}, cause.id, {"wrong." + std::string(id) + ".why"}});
  return f;
}

/// What verdicts say already (that the driver does not know a GPU) explains faults of those GPUs as well.
void fold_into_verdicts(std::vector<FoundCause>& found, const Knowledge& k, Report& report) {
  for (auto& f : report.findings) {
    auto* row = f.severity == "error" ? k.cause(f.cause) : nullptr;
    if (!row) continue;
    auto all = consequences(*row, k);
    std::vector<GpuId> on;
    for (auto& [subject, gpu] : f.on) on.push_back(gpu);
    bool everywhere = std::ranges::all_of(report.machine.gpus,
                                          [&](auto& g) { return std::ranges::find(on, g.id) != on.end(); });
    std::erase_if(found, [&](const FoundCause& cause) {
      auto is_named = [&](auto& pair) {
        return std::ranges::find(cause.subjects, pair.first) != cause.subjects.end();
      };
      bool explained = all.contains(cause.id) && (everywhere || lie_in(cause.gpus, on)) &&
                       (cause.subjects.empty() || std::ranges::any_of(f.on, is_named));
      if (explained && std::ranges::find(f.folds, cause.id) == f.folds.end()) f.folds.push_back(cause.id);
      return explained;
    });
  }
}

size_t rank(const Finding& f) {
  auto& names = names_of<Severity>();
  return size_t(std::ranges::find(names, f.severity) - names.begin());
}

}  // namespace

void add_cause_findings(const World& world, const Knowledge& k, std::vector<FoundCause> found,
                        Report& report) {
  fold_into_verdicts(found, k, report);
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
    auto finding = finding_of(causes[i], {world, k, causes}, report);
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

}  // namespace cufit
