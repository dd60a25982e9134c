#include "judge/explain.h"

#include <algorithm>

#include "judge/judge.h"
#include "judge/log_clues.h"
#include "judge/log_machine.h"
#include "judge/log_memory.h"

namespace cufit {

namespace {

constexpr size_t most_findings = 5;
constexpr double least_score = 0.05;

Confidence confidence_of(const RankedCause& cause) {
  if (cause.share >= 90 && cause.score >= 0.9) return Confidence::high;
  return cause.score >= 0.5 ? Confidence::medium : Confidence::low;
}

Evidence said(std::string rule, Verdict says, Text text) {
  Evidence e;
  e.rule = std::move(rule);
  e.says = says;
  e.text = std::move(text);
  return e;
}

Evidence line_of(const Clue& clue) {
  auto& s = *clue.sighting;
  auto line = std::to_string(s.line);
  if (s.stream.empty())
    return said("log", Verdict::unfit, {"explain.line", {{"line", line}, {"text", s.text}}});
  return said("log", Verdict::unfit,
              {"explain.line-of", {{"line", line}, {"stream", s.stream}, {"text", s.text}}});
}

/// What NVIDIA says of an Xid, or what a code means that no cause of its own explains.
Text words_of_code(const Clue& clue, std::string_view cause) {
  if (clue.xid)
    return {"explain.xid",
            {{"number", std::string(clue.xid->id)},
             {"meaning", std::string(clue.xid->meaning)},
             {"advice", std::string(clue.xid->advice)}}};
  if (!clue.error || cause != "cuda-call-failed") return {};
  auto& e = *clue.error;
  return {"explain.code",
          {{"code", std::string(e.id)},
           {"name", std::string(e.runtime_name.empty() ? e.driver_name : e.runtime_name)},
           {"meaning", std::string(e.meaning)}}};
}

/// The line that shows it best, what its figures come to, further lines, and what the machine says.
Evidence evidence_of(const RankedCause& cause, const LogMachine& machine, const Knowledge& k) {
  constexpr size_t most = 4;
  auto share_in = [&](const Clue* clue) {
    return std::ranges::find(clue->causes, cause.id, &Clue::Cause::id)->share;
  };
  auto* best = *std::ranges::max_element(cause.clues, {}, share_in);
  auto why = line_of(*best);
  for (auto words : {memory_words(memory_figures(*best->sighting)), words_of_code(*best, cause.id)})
    if (!words.empty()) why.parts.push_back(said("figures", Verdict::unfit, std::move(words)));
  std::vector<uint64_t> told = {best->sighting->line};
  for (auto* clue : cause.clues) {
    if (why.parts.size() >= most || std::ranges::find(told, clue->sighting->line) != told.end()) continue;
    told.push_back(clue->sighting->line);
    why.parts.push_back(line_of(*clue));
  }
  if (auto* shown = machine.shows(cause.id))
    why.parts.push_back(said("machine", Verdict::unfit, shown->why.text));
  else if (machine.refutes(*k.cause(cause.id)))
    why.parts.push_back(said("machine", Verdict::fits, {"explain.refuted"}));
  return why;
}

/// As the row of the cause names them: nothing was tried.
std::vector<Remedy> untried_remedies(const CauseRow& row) {
  std::vector<Remedy> remedies;
  for (auto& cure : row.remedies) {
    // Those for one way in which a machine shows it need the machine.
    if (!cure.found.empty() || cure.edit == Edit::drop_folder || cure.edit == Edit::add_folder) continue;
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

/// The program of the log, judged on its GPU and driver: what helps was tried there.
const Finding* judged_finding(const std::optional<Report>& judged, std::string_view cause) {
  if (!judged) return nullptr;
  auto found = std::ranges::find(judged->findings, cause, &Finding::cause);
  return found == judged->findings.end() || found->remedies.empty() ? nullptr : &*found;
}

struct Situation {
  const LogMachine& machine;
  const std::optional<Report>& judged;
  const Knowledge& k;
};

Finding finding_of(const RankedCause& cause, bool is_first, const Situation& now) {
  Finding f;
  f.cause = cause.id;
  auto* row = now.k.cause(cause.id);
  // What else it could be is no fault of its own.
  f.severity = name_of(is_first ? row->severity : Severity::info);
  f.confidence = name_of(confidence_of(cause));
  f.why = evidence_of(cause, now.machine, now.k);
  auto* tried = now.machine.shows(cause.id);
  if (!tried || tried->remedies.empty()) tried = judged_finding(now.judged, cause.id);
  f.remedies = tried ? tried->remedies : untried_remedies(*row);
  for (auto id : row->wrong)
    f.rejected.push_back({{"wrong." + std::string(id)}, f.cause, {"wrong." + std::string(id) + ".why"}});
  return f;
}

/// What the machine shows is likelier, what it does not show is less likely, unless the log is plain: it may
/// have been mended since.
void weigh(std::vector<RankedCause>& ranked, const LogMachine& machine, const Knowledge& k) {
  constexpr double of_shown = 0.8, of_refuted = 0.3;
  constexpr uint32_t plain = 90;
  for (auto& cause : ranked) {
    if (auto* shown = machine.shows(cause.id); shown && shown->cause == cause.id) {
      cause.score = 1 - (1 - cause.score) * (1 - of_shown);
      cause.share = std::max(cause.share, cause.score >= 0.9 ? plain : 0);
    } else if (machine.refutes(*k.cause(cause.id)) && cause.share < plain) {
      cause.score *= of_refuted;
    }
  }
  std::ranges::stable_sort(ranked, std::greater{}, &RankedCause::score);
}

ExplainedLog::Outcome outcome_of(const Report& report, const Log& log) {
  if (!report.findings.empty()) return ExplainedLog::Outcome::cause;
  return log.ends_with.line != 0 ? ExplainedLog::Outcome::program_error : ExplainedLog::Outcome::nothing;
}

}  // namespace

Report explain(Log log, const World* world, bool named, const Knowledge& k) {
  auto facts = facts_of(log, k);
  LogMachine machine(world, named, facts, k);
  auto clues = clues_of(log, facts, k);
  auto ranked = rank(clues);
  weigh(ranked, machine, k);

  Report report;
  report.knowledge = k.date();
  std::optional<Report> judged;
  if (auto program = ranked.empty() ? std::nullopt : world_of(facts, k)) judged = judge(*program, k);
  if (judged) {
    report.machine = judged->machine;
    report.subjects = judged->subjects;
    report.judgements = judged->judgements;
  }
  for (auto& cause : ranked) {
    if (report.findings.size() == most_findings || cause.score < least_score) break;
    report.findings.push_back(finding_of(cause, report.findings.empty(), {machine, judged, k}));
  }
  ExplainedLog explained;
  for (auto& f : facts.all)
    explained.facts.push_back(
        {"explain.fact", {{"name", f.name}, {"value", f.value}, {"line", std::to_string(f.line)}}});
  explained.outcome = outcome_of(report, log);
  if (!machine.wrote_it() && !report.findings.empty()) explained.machine = machine.why_not();
  explained.log = std::move(log);
  report.log = std::move(explained);
  return report;
}

}  // namespace cufit
