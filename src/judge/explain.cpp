#include "judge/explain.h"

#include <algorithm>

#include "judge/log_clues.h"
#include "judge/log_memory.h"

namespace cufit {

namespace {

constexpr size_t most_findings = 5;
constexpr double least_score = 0.05;

Confidence confidence_of(const RankedCause& cause) {
  if (cause.share >= 90 && cause.score >= 0.9) return Confidence::high;
  return cause.score >= 0.5 ? Confidence::medium : Confidence::low;
}

Evidence line_of(const Clue& clue, std::string_view cause) {
  auto& s = *clue.sighting;
  Evidence e;
  e.rule = cause;
  e.says = Verdict::unfit;
  e.text = {s.stream.empty() ? "explain.line" : "explain.line-of", {{"line", std::to_string(s.line)}, {"text", s.text}}};
  if (!s.stream.empty()) e.text.args.emplace_back("stream", s.stream);
  return e;
}

/// The line that shows it best, further ones, and what their figures come to.
Evidence evidence_of(const RankedCause& cause) {
  constexpr size_t most = 4;
  auto share_in = [&](const Clue* clue) { return std::ranges::find(clue->causes, cause.id, &Clue::Cause::id)->share; };
  auto* best = *std::ranges::max_element(cause.clues, {}, share_in);
  auto why = line_of(*best, cause.id);
  if (auto words = memory_words(memory_figures(*best->sighting)); !words.empty()) {
    Evidence figures;
    figures.rule = cause.id;
    figures.says = Verdict::unfit;
    figures.text = std::move(words);
    why.parts.push_back(std::move(figures));
  }
  for (auto* clue : cause.clues)
    if (clue->sighting->line != best->sighting->line && why.parts.size() < most) why.parts.push_back(line_of(*clue, cause.id));
  return why;
}

std::vector<Remedy> remedies_of(const CauseRow& row) {
  std::vector<Remedy> remedies;
  for (auto& cure : row.remedies) {
    if (!cure.found.empty()) continue;
    Remedy r;
    r.id = 'r' + std::to_string(remedies.size() + 1);
    r.kind = Remedy::Kind::machine;
    r.text = {"cure." + std::string(cure.id)};
    r.root = cure.root, r.reboot = cure.reboot;
    for (auto command : cure.commands)
      if (command.find('{') == command.npos) r.commands.emplace_back(command);
    remedies.push_back(std::move(r));
  }
  return remedies;
}

Finding finding_of(const RankedCause& cause, bool is_first, const Knowledge& k) {
  Finding f;
  f.cause = cause.id;
  auto* row = k.cause(cause.id);
  // What else it could be is no fault of its own.
  f.severity = name_of(is_first ? row->severity : Severity::info);
  f.confidence = name_of(confidence_of(cause));
  f.why = evidence_of(cause);
  f.remedies = remedies_of(*row);
  for (auto id : row->wrong)
    f.rejected.push_back({{"wrong." + std::string(id)}, f.cause, {"wrong." + std::string(id) + ".why"}});
  return f;
}

}  // namespace

Report explain(Log log, const World*, const Knowledge& k) {
  Report report;
  report.knowledge = k.date();
  auto facts = facts_of(log, k);
  auto clues = clues_of(log, facts, k);
  for (auto& cause : rank(clues)) {
    if (report.findings.size() == most_findings || cause.score < least_score) break;
    report.findings.push_back(finding_of(cause, report.findings.empty(), k));
  }
  ExplainedLog explained;
  for (auto& f : facts.all) explained.facts.push_back({"explain.fact", {{"name", f.name}, {"value", f.value}, {"line", std::to_string(f.line)}}});
  bool failed = log.ends_with.line != 0;
  explained.outcome = !report.findings.empty() ? ExplainedLog::Outcome::cause : failed ? ExplainedLog::Outcome::program_error : ExplainedLog::Outcome::nothing;
  explained.log = std::move(log);
  report.log = std::move(explained);
  return report;
}

}  // namespace cufit
