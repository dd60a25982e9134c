// The text of `explain`: the cause, the line that shows it, what helps and what does not, and what else it
// could be.
#include "model/json_names.h"
#include "render/words.h"

namespace cufit::render {

namespace {

std::string title_of(const Writer& w, const Finding& f) { return w(Text{"cause." + f.cause + ".title"}); }

void write_remedies(Writer& w, const Finding& f) {
  for (auto& r : f.remedies) {
    w.item(Text{"label.fix"}, remedy_words(w, r), Style::strong);
    write_commands(w, r);
  }
  for (auto& r : f.rejected)
    w.item(Text{"label.no-fix"}, w(r.change) + w(Text{"punctuation.colon"}) + w(r.why), Style::faint);
}

void write_evidence(Writer& w, const Evidence& why) {
  w.item(Text{"label.shown"}, w(why.text));
  for (auto& part : why.parts)
    w.item(Text{part.rule == "machine" ? "label.here"
                : part.rule == "log"   ? "label.shown"
                                       : "label.note"},
           w(part.text));
}

void write_cause(Writer& w, const Finding& f) {
  bool sure = f.confidence == "high";
  w.page.item({w(Text{"label.cause"}), sure ? Style::bad : Style::mixed}, w.indent(),
              title_of(w, f) + w(Text{"explain.confidence-" + f.confidence}), Style::strong);
  write_evidence(w, f.why);
  w.item(Text{"label.because"}, w(Text{"cause." + f.cause + ".why"}));
  if (!sure) w.item(Text{"label.check"}, w(Text{"cause." + f.cause + ".confirm"}));
  write_remedies(w, f);
}

/// What else it could be, and what would decide.
void write_other(Writer& w, const Finding& f) {
  w.item(Text{"label.or"}, title_of(w, f) + w(Text{"explain.confidence-" + f.confidence}));
  if (w.options.why) write_evidence(w, f.why);
  w.item(Text{"label.check"}, w(Text{"cause." + f.cause + ".confirm"}), Style::faint);
}

/// Nothing that is known to be a fault.
void write_no_cause(Writer& w, const ExplainedLog& log) {
  bool failed = log.outcome == ExplainedLog::Outcome::program_error;
  auto* id = failed ? "explain.program-error" : log.log.bytes == 0 ? "explain.empty" : "explain.nothing";
  w.page.item({w(Text{"label.cause"}), failed ? Style::open : Style::good}, w.indent(),
              w(Text{id, {{"lines", std::to_string(log.log.lines)}}}), Style::strong);
  auto& end = log.log.ends_with;
  if (failed)
    w.item(Text{"label.shown"},
           w(Text{"explain.line", {{"line", std::to_string(end.line)}, {"text", end.text}}}));
}

}  // namespace

void write_explain(Writer& w) {
  auto& report = w.report;
  if (!report.log) return;
  auto& log = *report.log;
  if (log.outcome != ExplainedLog::Outcome::cause && !w.options.quiet) write_no_cause(w, log);
  bool first = true;
  for (auto& f : report.findings) {
    if (!f.is_of_log()) continue;
    if (first)
      write_cause(w, f);
    else if (!w.options.quiet)
      write_other(w, f);
    first = false;
  }
  if (w.options.quiet) return;
  for (auto& fact : log.facts) w.item(Text{"label.fact"}, w(fact), Style::faint);
  if (!log.machine.empty()) w.item(Text{"label.note"}, w(log.machine), Style::faint);
}

std::string one_line_of_cause(const Report& report, const Options& options) {
  Writer w(report, options);
  if (report.findings.empty()) return {};
  auto& f = report.findings.front();
  auto title = title_of(w, f) + w(Text{"explain.confidence-" + f.confidence});
  for (auto& [name, value] : f.why.text.args)
    if (name == "line") return printable(w(Text{"explain.line", {{"line", value}, {"text", title}}}));
  return printable(title);
}

}  // namespace cufit::render
