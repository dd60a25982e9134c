// The text of `doctor`: driver, framework, runtime, proof, and below them the root cause with what helps.
#include <algorithm>
#include <set>

#include "model/json_names.h"
#include "render/labels.h"
#include "render/verdict_lines.h"
#include "render/words.h"

namespace cufit::render {

namespace {

using State = DoctorStep::State;

Style style_of(State state) {
  static constexpr Style styles[] = {Style::good, Style::mixed, Style::open, Style::bad, Style::faint};
  return styles[size_t(state)];
}

std::string word_of(const Writer& w, State state) { return w(Text{"doctor." + std::string(name_of(state))}); }

/// "1 driver     works    580.159.04 ...": the lines of a step, the first with its number and state.
void write_step(Writer& w, const DoctorStep& step) {
  constexpr size_t of_name = 13, of_state = 9;
  Span head = {padded(w(Text{"doctor." + step.step}), of_name) + padded(word_of(w, step.state), of_state),
               style_of(step.state)};
  for (auto& text : step.says) {
    w.page.item(head, of_name + of_state, w(text));
    head = {""};
  }
}

/// Everything that is said of it follows from what is wrong with the machine.
bool is_consequence(const Report& report, const SubjectId& subject) {
  auto of_machine = [&](const Evidence& why) {
    return std::ranges::any_of(report.findings,
                               [&](auto& f) { return f.is_of_machine() && f.why.text == why.text; });
  };
  return std::ranges::all_of(report.judgements, [&](auto& j) {
    return j.subject != subject || j.verdict == Verdict::fits || of_machine(j.why);
  });
}

bool is_on(const Finding& f, const Judgement& j) {
  return std::ranges::find(f.on, std::pair(j.subject, j.gpu)) != f.on.end();
}

/// A library of a package that fails for the reason for which the package does.
bool fails_with_others(const Report& report, const Subject& library) {
  auto has_code = [&](auto& on) {
    auto at = std::ranges::find(report.subjects, on.first, &Subject::id);
    return at != report.subjects.end() && has_own_code(*at);
  };
  auto with_others = [&](const Judgement& j) {
    return std::ranges::any_of(report.findings,
                               [&](auto& f) { return is_on(f, j) && std::ranges::any_of(f.on, has_code); });
  };
  return !has_own_code(library) && std::ranges::all_of(report.judgements, [&](auto& j) {
    return j.subject != library.id || (j.verdict == Verdict::unfit && with_others(j));
  });
}

/// What is wrong with single packages, below what is wrong with the machine: packages with code of their own,
/// then libraries.
void write_subjects(Writer& w) {
  std::set<const Finding*> told;
  std::vector<std::string> with_others;
  for (bool own : {true, false})
    for (auto& s : w.report.subjects) {
      if (has_own_code(s) != own || is_consequence(w.report, s.id)) continue;
      if (fails_with_others(w.report, s))
        with_others.push_back(label(s));
      else
        write_judged(w, s, told);
    }
  if (!with_others.empty())
    w.page.item({"    " + w.word(Verdict::unfit), Style::bad}, w.indent() + 4,
                w(Text{"doctor.same-reason", {{"names", w.some_of(with_others)}}}));
}

/// With --why: how each verdict came about.
void write_proofs(Writer& w) {
  for (auto& j : w.report.judgements) {
    w.page.line({{w.subject_name(j.subject) + "  " + w.word(j.verdict), Style::strong}});
    write_proof(w, j.why);
  }
  write_assumed(w);
}

/// The judgement that a finding was made of first; null: it is of the machine.
const Judgement* first_judgement(const Report& report, const Finding& f) {
  auto is_it = [&](auto& j) { return !f.on.empty() && f.on.front() == std::pair(j.subject, j.gpu); };
  auto at = std::ranges::find_if(report.judgements, is_it);
  return at == report.judgements.end() ? nullptr : &*at;
}

/// "The program finds no libcuda.so.1: ...", "torch 2.9.1: No code for this GPU: ...".
std::string finding_words(const Writer& w, const Finding& f) {
  auto colon = w(Text{"punctuation.colon"});
  auto title = w(Text{"cause." + f.cause + ".title"});
  if (f.is_of_machine()) return title + colon + w(f.why.text);
  auto* j = first_judgement(w.report, f);
  return j ? w.subject_name(j->subject) + colon + title + colon + w(j->why.text) : title;
}

/// Nothing if all is well.
void write_quiet_doctor(Writer& w) {
  for (auto& f : w.report.findings)
    if (f.is_of_machine() && f.severity != "info")
      w.page.line({{w(Text{"severity." + f.severity}) + "  "}, {finding_words(w, f)}});
  write_quiet(w);
}

}  // namespace

void write_doctor(Writer& w) {
  if (w.options.quiet) return write_quiet_doctor(w);
  if (!w.report.observed) return;
  write_gpus(w, *w.report.observed);
  w.page.blank();
  for (auto& step : w.report.steps) write_step(w, step);
  w.page.blank();
  write_machine_causes(w);
  write_subjects(w);
  write_explain(w);
  if (w.options.why) write_proofs(w);
  for (auto& text : w.report.normal) w.item(Text{"doctor.normal"}, w(text));
  write_gaps(w, all_gaps(w.report));
}

std::string one_line(const Report& report, const Options& options) {
  Writer w(report, options);
  auto colon = w(Text{"punctuation.colon"});
  for (auto& f : report.findings)
    if (f.severity == "error") return printable(word_of(w, State::fails) + colon + finding_words(w, f));
  auto worst = State::not_asked;
  std::vector<std::string> parts = gpu_lines(report);
  for (auto& step : report.steps) {
    if (step.state == State::not_asked) continue;
    if (worst == State::not_asked || worst < step.state) worst = step.state;
    parts.push_back(w(Text{"doctor." + step.step}) + ' ' + word_of(w, step.state));
  }
  return printable(word_of(w, worst) + colon + w.list(parts));
}

}  // namespace cufit::render
