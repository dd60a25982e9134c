// The text of `check`: one verdict line per target and GPU, why, and what to do.
#include <algorithm>
#include <set>
#include <tuple>

#include "base/text.h"
#include "model/json_names.h"
#include "render/labels.h"
#include "render/matrix.h"
#include "render/said.h"
#include "render/words.h"

namespace cufit::render {

namespace {

using On = std::pair<SubjectId, GpuId>;

/// Longer lists of names are counted, unless --why is given.
constexpr size_t most_names = 6;

/// "fits if the driver is 525.60.13 or later": what must hold when nobody gave a driver.
std::string condition(const Writer& w, const Judgement& j) {
  if (w.report.machine.driver.version || j.verdict >= Verdict::unknown) return {};
  auto verdict = w.word(j.verdict);
  auto before = j.needs.before.value_or("");
  if (!j.needs.driver)
    return before.empty() ? ""
                          : w(Text{"check.needs-driver-before", {{"verdict", verdict}, {"before", before}}});
  auto driver = j.needs.driver->text();
  if (before.empty()) return w(Text{"check.needs-driver", {{"verdict", verdict}, {"driver", driver}}});
  return w(
      Text{"check.needs-driver-between", {{"verdict", verdict}, {"driver", driver}, {"before", before}}});
}

void write_verdict_line(Writer& w, const Judgement& j, const std::string& subjects, const std::string& gpus) {
  auto text = w(Text{"check.on", {{"subject", subjects}, {"gpu", gpus}}});
  auto colon = w(Text{"punctuation.colon"});
  for (auto& part : {condition(w, j), w(j.why.text)})
    if (!part.empty()) text += colon + part;
  w.page.item({w.word(j.verdict), Writer::style(j.verdict)}, w.indent(), text);
}

/// The steps under the root of the proof, of several judgements those that they share; a step that does not
/// share the verdict says its own.
void write_because(Writer& w, const std::vector<const Judgement*>& said_together) {
  auto& j = *said_together.front();
  auto shared = [&](const Evidence& part) {
    return std::ranges::all_of(said_together, [&](auto* other) {
      return std::ranges::any_of(other->why.parts, [&](auto& p) { return p.text == part.text; });
    });
  };
  for (auto& part : j.why.parts) {
    if (part.text == j.why.text || !shared(part)) continue;
    if (part.says == j.verdict)
      w.item(Text{"label.because"}, w(part.text));
    else
      w.item(Text{"label.though"},
             w(Text{"check.part-says", {{"text", w(part.text)}, {"verdict", w.word(part.says)}}}));
  }
}

/// "436 modules: 430 native, 6 PTX", where the modules differ.
void write_coverage(Writer& w, const Coverage& c) {
  std::vector<std::string> parts;
  auto count = [&](uint32_t n, const char* id) {
    if (n > 0) parts.push_back(w(Text{id, {{"n", std::to_string(n)}}}));
  };
  count(c.native, "coverage.native");
  count(c.compatible, "coverage.compatible");
  count(c.ptx, "coverage.ptx");
  count(c.none, "coverage.none");
  if (parts.size() < 2) return;
  w.item(Text{"label.modules"},
         w(Text{"coverage.modules", {{"n", std::to_string(c.modules)}, {"parts", w.list(parts)}}}));
}

void write_limits_and_notes(Writer& w, const Judgement& j) {
  for (auto& l : j.limits) w.item(Text{"label.limit"}, limit_words(w, l));
  for (auto& n : j.notes) w.item(Text{"label.note"}, w(n.text));
}

void write_finding(Writer& w, const Finding& f, Said& said) {
  for (auto& r : f.remedies) {
    if (!said.is_new(f, remedy_words(w, r))) continue;
    w.item(Text{"label.fix"}, remedy_words(w, r), Style::strong);
    write_commands(w, r);
  }
  for (auto& r : f.rejected) {
    auto words = w(r.change) + w(Text{"punctuation.colon"}) + w(r.why);
    if (said.is_new(f, words)) w.item(Text{"label.no-fix"}, words, Style::faint);
  }
}

void write_judgement(Writer& w, const std::vector<const Judgement*>& said_together, const std::string& gpus,
                     const std::string& subjects = {}) {
  auto& j = *said_together.front();
  write_verdict_line(w, j, subjects.empty() ? w.subject_name(j.subject) : subjects, gpus);
  if (j.fails) write_failure(w, *j.fails);
  if (j.verdict != Verdict::fits) write_because(w, said_together);
  write_coverage(w, j.coverage);
  write_limits_and_notes(w, j);
}

/// Judgements that are said together.
struct Block {
  const Judgement* lead;
  std::vector<const Judgement*> judgements;  ///< `lead` on each of its GPUs
  std::vector<GpuId> gpus;
  std::vector<std::string> also;  ///< other subjects of the environment of which the same reason holds
};

/// In an environment the libraries of NVIDIA fail with the framework that brought them, and what is not known
/// of the machine leaves all of them open.
bool have_one_reason(const Block& a, const Block& b) {
  auto &one = *a.lead, &other = *b.lead;
  if (one.verdict != other.verdict || a.gpus != b.gpus || !one.limits.empty() || !other.limits.empty())
    return false;
  auto failure = [](const Judgement& j) {
    return std::pair(j.fails ? j.fails->code : 0, j.fails ? j.fails->seen_as.id : "");
  };
  if (one.verdict == Verdict::unfit) return failure(one) == failure(other) && one.why.rule == other.why.rule;
  return one.verdict == Verdict::unknown && one.why.text == other.why.text;
}

/// Everything that is not `fits`, equal verdicts in one block; of an environment also those of one reason.
std::vector<Block> blocks_of(const Writer& w) {
  std::vector<Block> blocks;
  auto& all = w.report.judgements;
  for (auto j = all.begin(); j != all.end(); ++j) {
    auto same = [&](auto& other) { return say_the_same(*j, other); };
    if (j->verdict == Verdict::fits || std::find_if(all.begin(), j, same) != j) continue;
    Block block{&*j, {}, {}, {}};
    for (auto& other : all)
      if (same(other)) block.judgements.push_back(&other), block.gpus.push_back(other.gpu);
    auto* subject = w.subject(j->subject);
    auto alike = std::ranges::find_if(blocks, [&](auto& other) {
      return !subject->environment.empty() && have_one_reason(block, other) &&
             w.subject(other.lead->subject)->environment == subject->environment;
    });
    if (alike == blocks.end()) {
      blocks.push_back(std::move(block));
    } else if (!subject->build.empty() && w.subject(alike->lead->subject)->build.empty()) {
      alike->also.push_back(w.subject_name(alike->lead->subject));
      alike->lead = &*j;
      alike->judgements = std::move(block.judgements);
    } else {
      alike->also.push_back(w.subject_name(j->subject));
    }
  }
  return blocks;
}

/// Which driver what fits needs, if nobody gave one; what needs the same on one line.
void write_conditions(Writer& w) {
  struct Line {
    std::string condition, gpus;
    std::vector<std::string> frameworks, others;
  };
  std::vector<Line> lines;
  for (auto& s : w.report.subjects) {
    std::vector<std::pair<std::string, std::vector<GpuId>>> gpus_by_condition;
    for (auto& j : w.report.judgements) {
      if (j.subject != s.id || j.verdict != Verdict::fits) continue;
      auto words = condition(w, j);
      if (words.empty()) continue;
      auto same = std::ranges::find(gpus_by_condition, words, [](auto& x) { return x.first; });
      if (same == gpus_by_condition.end()) same = gpus_by_condition.insert(same, {words, {}});
      same->second.push_back(j.gpu);
    }
    for (auto& [words, ids] : gpus_by_condition) {
      auto gpus = w.gpu_names(ids);
      auto same =
          std::ranges::find_if(lines, [&](auto& l) { return l.condition == words && l.gpus == gpus; });
      if (same == lines.end()) same = lines.insert(same, {words, gpus, {}, {}});
      (s.build.empty() ? same->others : same->frameworks).push_back(w.subject_name(s));
    }
  }
  for (auto& line : lines) {
    auto names = line.frameworks;
    names.insert(names.end(), line.others.begin(), line.others.end());
    auto on = w(Text{"check.on", {{"subject", w.some_of(names)}, {"gpu", line.gpus}}});
    w.page.item({w.word(Verdict::fits), Writer::style(Verdict::fits)}, w.indent(),
                on + w(Text{"punctuation.colon"}) + line.condition);
  }
  if (!lines.empty()) w.page.blank();
}

/// What the matrix leaves open.
void write_matrix_details(Writer& w) {
  write_conditions(w);
  for (auto& block : blocks_of(w)) {
    write_judgement(w, block.judgements, w.gpu_names(block.gpus));
    if (!block.also.empty()) w.item(Text{"label.also"}, w.some_of(block.also));
    w.page.blank();
  }
}

/// Judgements that say the same of boards with one name: a server has eight of them.
std::vector<const Judgement*> alike(const Writer& w, const Judgement& j) {
  std::vector<const Judgement*> all;
  for (auto& other : w.report.judgements)
    if (say_the_same(j, other) && w.gpu_name(j.gpu) == w.gpu_name(other.gpu)) all.push_back(&other);
  return all;
}

/// Bad news about several subjects by one proof: said once.
bool has_one_proof(const Judgement& a, const Judgement& b) {
  auto said = [](const Judgement& j) {
    return std::tie(j.gpu, j.verdict, j.fails, j.coverage, j.limits, j.notes, j.why);
  };
  return a.verdict != Verdict::fits && said(a) == said(b);
}

void write_all_judgements(Writer& w) {
  auto& all = w.report.judgements;
  for (auto j = all.begin(); j != all.end(); ++j) {
    auto same = alike(w, *j);
    if (same.front() != &*j) continue;
    auto of_one_proof = [&](auto& other) { return has_one_proof(*j, other); };
    if (std::find_if(all.begin(), j, of_one_proof) != j) continue;
    std::vector<std::string> subjects = {w.subject_name(j->subject)};
    for (auto other = j + 1; other != all.end(); ++other)
      if (of_one_proof(*other)) subjects.push_back(w.subject_name(other->subject));
    std::vector<GpuId> gpus;
    for (auto* other : same) gpus.push_back(other->gpu);
    write_judgement(w, {&*j}, w.gpu_names(gpus), w.some_of(subjects));
    auto only_this = std::vector<On>{{j->subject, j->gpu}};
    Said said;
    for (auto& f : w.report.findings)
      if (f.on == only_this && !f.is_of_machine() && subjects.size() == 1) write_finding(w, f, said);
    if (w.options.why) write_proof(w, j->why);
    w.page.blank();
  }
}

/// Findings about at least `least` judgements, each said once.
void write_findings(Writer& w, size_t least) {
  Said said;
  std::vector<On> open;  // what the lines above are about: several findings of the same have one heading
  for (auto& f : w.report.findings) {
    if (f.is_of_machine() || f.on.size() < least || (f.remedies.empty() && f.rejected.empty())) continue;
    if (f.on != open) {
      if (!open.empty()) w.page.blank();
      w.page.line({{on_words(w, f, most_names), Style::strong}});
    }
    write_finding(w, f, said);
    open = f.on;
  }
  if (!open.empty()) w.page.blank();
}

/// What the machine shows of itself: each cause by its title and what helps; why, unless a judgement has said
/// it.
void write_causes(Writer& w) {
  auto is_said = [&](const Evidence& why) {
    return std::ranges::any_of(w.report.judgements, [&](auto& j) { return j.why.text == why.text; });
  };
  for (auto& f : w.report.findings) {
    if (!f.is_of_machine()) continue;
    w.page.line({{w(Text{"cause." + f.cause + ".title"}), Style::strong}});
    bool nothing_else = f.remedies.empty() && f.rejected.empty();
    if (nothing_else || !is_said(f.why)) w.item(Text{"label.because"}, w(f.why.text));
    Said said;
    write_finding(w, f, said);
    w.page.blank();
  }
}

/// Targets x GPUs under these heads.
Table table_of(const Writer& w, const Matrix& matrix, const std::vector<std::string>& heads) {
  Table table(std::vector(1 + heads.size(), Table::Align::left));
  std::vector<Span> head = {{""}};
  for (auto& text : heads) head.push_back({text, Style::strong});
  table.row(std::move(head));
  for (size_t row = 0; row < matrix.rows(); row++) {
    std::vector<Span> cells = {{w.subject_name(w.report.subjects[row])}};
    for (size_t c = 0; c < heads.size(); c++) {
      auto* j = matrix.at(row, c);
      cells.push_back(j ? Span{w.word(j->verdict), Writer::style(j->verdict)} : Span{"-"});
    }
    table.row(std::move(cells));
  }
  return table;
}

/// Targets x GPUs. Where the names of the GPUs are too wide for the page, numbers stand for them.
void write_matrix(Writer& w, const Matrix& matrix) {
  std::vector<std::string> names, numbers;
  for (auto& column : matrix.columns()) {
    names.push_back(w.gpu_name(column.gpu, column.boards));
    numbers.push_back(std::to_string(numbers.size() + 1));
  }
  auto by_name = table_of(w, matrix, names);
  if (w.page.width() == 0 || by_name.width() <= w.page.width()) return by_name.print_stacked(w.page);
  for (size_t i = 0; i < names.size(); i++) w.page.item({padded(numbers[i], 4), Style::strong}, 5, names[i]);
  w.page.blank();
  table_of(w, matrix, numbers).print_stacked(w.page);
}

/// That the catalogue does not have it is the verdict already.
bool is_said_of_build(const Report& report, const Gap& gap) {
  return std::ranges::any_of(report.subjects, [&](auto& s) {
    return s.kind == Subject::Kind::build && std::ranges::find(s.unread, gap) != s.unread.end() &&
           std::ranges::any_of(report.judgements,
                               [&](auto& j) { return j.subject == s.id && j.why.text == gap.what; });
  });
}

/// Where no target is anything that can be judged.
void write_nothing_judged(Writer& w) {
  if (!w.report.judgements.empty() || !w.report.unread.empty()) return;
  bool recorded = w.report.machine.origin == "recorded";
  w.page.item({w.word(Verdict::unknown), Writer::style(Verdict::unknown)}, w.indent(),
              w(Text{recorded ? "check.nothing-recorded" : "check.nothing-judged"}));
}

/// Somebody looked at the machine, and no module drives its GPUs.
bool shows_no_driver(const Report& report) {
  if (!report.observed || report.machine.wsl || is_jetson(*report.observed)) return false;
  auto& loaded = report.observed->kernel.loaded;
  return std::holds_alternative<Absent>(loaded.is) && loaded.from.kind != Source::Kind::assumed;
}

/// The driver that was judged against, and how it came out if there were several judgements.
void write_footer(Writer& w, const Matrix& matrix) {
  auto& d = w.report.machine.driver;
  std::vector<std::string> parts;
  if (auto counts = matrix.counts(); counts.total() > 1) {
    std::vector<std::string> words;
    for (auto v : {Verdict::fits, Verdict::limited, Verdict::unknown, Verdict::unfit})
      if (auto n = counts.of(v)) words.push_back(w.word(v) + ' ' + std::to_string(n));
    parts.push_back(w.list(words));
  }
  auto driver = driver_words(w.report.machine, w.options.lang);
  if (d.version && d.cuda)
    parts.push_back(w(Text{"check.driver-cuda", {{"driver", driver}, {"cuda", d.cuda->text()}}}));
  else if (d.version)
    parts.push_back(driver);
  else
    parts.push_back(w(Text{shows_no_driver(w.report) ? "check.no-driver-loaded" : "check.no-driver"}));
  auto assumed = w.report.machine.assumed.size();
  if (assumed > 0 && !w.options.why)
    parts.push_back(w(Text{"check.assumed", {{"n", std::to_string(assumed)}}}));
  w.page.item({"", Style::plain}, 0, joined(parts, " · "), Style::faint);
}

/// A verdict with its reason, and all that share both.
struct QuietLine {
  const Judgement* judgement;
  std::string gpu;
  std::vector<std::string> subjects;

  bool is_of(const Judgement& j, const std::string& on) const {
    return judgement->verdict == j.verdict && judgement->why.text == j.why.text && gpu == on;
  }
};

std::vector<QuietLine> quiet_lines(const Writer& w, Verdict least) {
  std::vector<QuietLine> lines;
  Matrix matrix(w.report);
  for (size_t row = 0; row < matrix.rows(); row++)
    for (size_t c = 0; c < matrix.columns().size(); c++) {
      auto* j = matrix.at(row, c);
      if (!j || j->verdict < least) continue;
      auto& column = matrix.columns()[c];
      auto gpu = (column.group ? column.group->name + ": " : "") + w.gpu_name(column.gpu, column.boards);
      auto line = std::ranges::find_if(lines, [&](auto& l) { return l.is_of(*j, gpu); });
      if (line == lines.end()) line = lines.insert(line, {j, gpu, {}});
      line->subjects.push_back(w.subject_name(w.report.subjects[row]));
    }
  return lines;
}

}  // namespace

void write_quiet(Writer& w) {
  auto lines = quiet_lines(w, w.options.fail_on == FailOn::limited ? Verdict::limited : Verdict::unknown);
  if (lines.empty() && summarize(w.report, w.options.fail_on).exit == 0) return;
  write_nothing_judged(w);
  for (auto& line : lines) {
    auto on = w(Text{"check.on", {{"subject", w.some_of(line.subjects)}, {"gpu", line.gpu}}});
    auto& j = *line.judgement;
    w.page.line({{w.word(j.verdict) + "  "}, {on + w(Text{"punctuation.colon"}) + w(j.why.text)}});
  }
  write_gaps(w, w.report.unread);
}

void write_check(Writer& w) {
  if (w.options.quiet) return write_quiet(w);
  if (!w.report.groups.empty()) return write_fleet(w);
  bool many = w.report.subjects.size() > 2;
  bool environment =
      many && std::ranges::all_of(w.report.subjects, [](auto& s) { return !s.environment.empty(); });
  Matrix matrix(w.report);
  bool as_table = environment || (many && matrix.columns().size() > 1);
  if (as_table) write_matrix(w, matrix);
  bool folded = as_table && !w.options.why;
  if (folded)
    write_matrix_details(w);
  else
    write_all_judgements(w);
  write_findings(w, folded ? 1 : 2);
  write_causes(w);
  auto gaps = all_gaps(w.report);
  std::erase_if(gaps, [&](auto& gap) { return is_said_of_build(w.report, gap); });
  write_gaps(w, gaps);
  write_nothing_judged(w);
  if (w.report.judgements.empty()) return;
  if (!gaps.empty()) w.page.blank();
  if (w.options.why) write_assumed(w);
  write_next_step(w);
  write_footer(w, matrix);
}

}  // namespace cufit::render
