// The text of `explain`: the cause, the line that shows it, what helps and what does not, and what else it could be.
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
  for (auto& part : why.parts) w.item(Text{"label.shown"}, w(part.text));
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

}  // namespace

void write_explain(Writer& w) {
  auto& report = w.report;
  if (!report.log) return;
  auto& log = *report.log;
  if (report.findings.empty()) {
    if (w.options.quiet) return;
    bool failed = log.outcome == ExplainedLog::Outcome::program_error;
    w.page.item({w(Text{"label.cause"}), failed ? Style::open : Style::good}, w.indent(),
                w(Text{failed ? "explain.program-error" : "explain.nothing", {{"lines", std::to_string(log.log.lines)}}}), Style::strong);
    auto& end = log.log.ends_with;
    if (failed) w.item(Text{"label.shown"}, w(Text{"explain.line", {{"line", std::to_string(end.line)}, {"text", end.text}}}));
  }
  bool first = true;
  for (auto& f : report.findings) {
    if (first) write_cause(w, f);
    else if (!w.options.quiet) write_other(w, f);
    first = false;
  }
  if (w.options.quiet) return;
  for (auto& fact : log.facts) w.item(Text{"label.fact"}, w(fact), Style::faint);
}

}  // namespace cufit::render
