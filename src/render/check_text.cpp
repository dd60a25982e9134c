// The text of `check`: one verdict line per target and GPU, why, and what to do.
#include <algorithm>
#include <set>
#include <tuple>

#include "model/json_names.h"
#include "render/labels.h"
#include "render/words.h"

namespace cufit::render {

namespace {

using On = std::pair<SubjectId, GpuId>;

/// "fits with driver >= 525.60.13": what must hold when nobody gave a driver.
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

void write_verdict_line(Writer& w, const Judgement& j, const std::string& gpus) {
  auto text = w(Text{"check.on", {{"subject", w.subject_name(j.subject)}, {"gpu", gpus}}});
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
         w(Text{"coverage.modules", {{"n", std::to_string(c.modules)}, {"parts", joined(parts)}}}));
}

void write_limits_and_notes(Writer& w, const Judgement& j) {
  for (auto& l : j.limits) w.item(Text{"label.limit"}, limit_words(w, l));
  for (auto& n : j.notes) w.item(Text{"label.note"}, w(n.text));
}

/// What was said about some judgements: two causes often have one remedy.
class Said {
 public:
  bool is_new(const Finding& f, const std::string& words) {
    if (f.on != on_) on_ = f.on, words_.clear();
    return words_.insert(words).second;
  }

 private:
  std::vector<On> on_;
  std::set<std::string> words_;
};

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

/// "torch 2.2.0 on A800 (sm_80), V100 (sm_70); app on ...".
std::string on_words(const Writer& w, const Finding& f) {
  std::vector<std::pair<SubjectId, std::vector<std::string>>> grouped;
  for (auto& [subject, gpu] : f.on) {
    if (grouped.empty() || grouped.back().first != subject)
      grouped.emplace_back(subject, std::vector<std::string>());
    grouped.back().second.push_back(w.gpu_name(gpu));
  }
  std::vector<std::string> parts;
  for (auto& [subject, gpus] : grouped)
    parts.push_back(
        w(Text{"check.on", {{"subject", w.subject_name(subject)}, {"gpu", joined(counted(gpus))}}}));
  return joined(parts, "; ");
}

void write_judgement(Writer& w, const std::vector<const Judgement*>& said_together, const std::string& gpus) {
  auto& j = *said_together.front();
  write_verdict_line(w, j, gpus);
  if (j.fails) write_failure(w, *j.fails);
  if (j.verdict != Verdict::fits) write_because(w, said_together);
  write_coverage(w, j.coverage);
  write_limits_and_notes(w, j);
}

/// True if the two say the same about one subject, on different GPUs.
bool say_the_same(const Judgement& a, const Judgement& b) {
  auto said = [](const Judgement& j) {
    return std::tie(j.subject, j.verdict, j.fails, j.limits, j.notes, j.why.text);
  };
  return said(a) == said(b);
}

/// Judgements that are said together.
struct Block {
  const Judgement* lead;
  std::vector<const Judgement*> judgements;  ///< `lead` on each of its GPUs
  std::vector<std::string> gpus;
  std::vector<std::string> also;  ///< other subjects of the environment that fail for the same reason
};

/// In an environment the libraries of NVIDIA fail with the framework that brought them.
bool fail_alike(const Block& a, const Block& b) {
  auto said = [](const Block& x) {
    auto& j = *x.lead;
    return std::tuple(j.verdict, j.fails ? j.fails->code : 0, j.fails ? j.fails->seen_as.id : "", j.why.rule,
                      x.gpus);
  };
  return a.lead->verdict == Verdict::unfit && said(a) == said(b) && a.lead->limits.empty() &&
         b.lead->limits.empty();
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
      if (same(other)) block.judgements.push_back(&other), block.gpus.push_back(w.gpu_name(other.gpu));
    auto* subject = w.subject(j->subject);
    auto alike = std::ranges::find_if(blocks, [&](auto& other) {
      return !subject->environment.empty() && fail_alike(block, other) &&
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

/// What the matrix leaves open.
void write_matrix_details(Writer& w) {
  for (auto& block : blocks_of(w)) {
    write_judgement(w, block.judgements, joined(counted(block.gpus)));
    if (!block.also.empty()) w.item(Text{"label.also"}, joined(block.also));
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

/// A cause that the machine shows: told by its title, with all that helps.
bool is_of_machine(const Finding& f) { return !f.why.rule.empty(); }

void write_all_judgements(Writer& w) {
  for (auto& j : w.report.judgements) {
    auto same = alike(w, j);
    if (same.front() != &j) continue;
    std::vector<std::string> names(same.size(), w.gpu_name(j.gpu));
    write_judgement(w, {&j}, joined(counted(names)));
    auto only_this = std::vector<On>{{j.subject, j.gpu}};
    Said said;
    for (auto& f : w.report.findings)
      if (f.on == only_this && !is_of_machine(f)) write_finding(w, f, said);
    if (w.options.why) write_proof(w, j.why);
    w.page.blank();
  }
}

/// Findings about at least `least` judgements, each said once.
void write_findings(Writer& w, size_t least) {
  Said said;
  std::vector<On> open;  // what the lines above are about: several findings of the same have one heading
  for (auto& f : w.report.findings) {
    if (is_of_machine(f) || f.on.size() < least || (f.remedies.empty() && f.rejected.empty())) continue;
    if (f.on != open) {
      if (!open.empty()) w.page.blank();
      w.page.line({{on_words(w, f), Style::strong}});
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
    if (!is_of_machine(f)) continue;
    w.page.line({{w(Text{"cause." + f.cause + ".title"}), Style::strong}});
    bool nothing_else = f.remedies.empty() && f.rejected.empty();
    if (nothing_else || !is_said(f.why)) w.item(Text{"label.because"}, w(f.why.text));
    Said said;
    write_finding(w, f, said);
    w.page.blank();
  }
}

/// Targets x GPUs under these heads.
Table matrix(const Writer& w, const std::vector<std::string>& heads) {
  auto& gpus = w.report.machine.gpus;
  Table table(std::vector(1 + gpus.size(), Table::Align::left));
  std::vector<Span> head = {{""}};
  for (auto& text : heads) head.push_back({text, Style::strong});
  table.row(std::move(head));
  for (auto& s : w.report.subjects) {
    std::vector<Span> row = {{label(s)}};
    for (auto& gpu : gpus) {
      auto j = std::ranges::find_if(w.report.judgements,
                                    [&](auto& x) { return x.subject == s.id && x.gpu == gpu.id; });
      if (j == w.report.judgements.end())
        row.push_back({"-"});
      else
        row.push_back({w.word(j->verdict), Writer::style(j->verdict)});
    }
    table.row(std::move(row));
  }
  return table;
}

/// Targets x GPUs. Where the names of the GPUs are too wide for the page, numbers stand for them.
void write_matrix(Writer& w) {
  std::vector<std::string> names, numbers;
  for (auto& gpu : w.report.machine.gpus) {
    names.push_back(label(gpu));
    numbers.push_back(std::to_string(numbers.size() + 1));
  }
  auto by_name = matrix(w, names);
  if (w.page.width() == 0 || by_name.width() <= w.page.width()) return by_name.print_stacked(w.page);
  for (size_t i = 0; i < names.size(); i++) w.page.item({padded(numbers[i], 4), Style::strong}, 5, names[i]);
  w.page.blank();
  matrix(w, numbers).print_stacked(w.page);
}

/// Where no target is anything that can be judged.
void write_nothing_judged(Writer& w) {
  if (w.report.judgements.empty() && w.report.unread.empty())
    w.page.item({w.word(Verdict::unknown), Writer::style(Verdict::unknown)}, w.indent(),
                w(Text{"check.nothing-judged"}));
}

/// Somebody looked at the machine, and no module drives its GPUs.
bool shows_no_driver(const Report& report) {
  if (!report.observed || report.machine.wsl || report.observed->os.jetson) return false;
  auto& loaded = report.observed->kernel.loaded;
  return std::holds_alternative<Absent>(loaded.is) && loaded.from.kind != Source::Kind::assumed;
}

/// The driver that was judged against, and how it came out if there were several judgements.
void write_footer(Writer& w) {
  auto& d = w.report.machine.driver;
  std::vector<std::string> parts;
  if (w.report.judgements.size() > 1) {
    auto summary = summarize(w.report);
    std::vector<std::string> counts;
    for (auto v : {Verdict::fits, Verdict::limited, Verdict::unknown, Verdict::unfit})
      if (auto n = summary.count(v)) counts.push_back(w.word(v) + ' ' + std::to_string(n));
    parts.push_back(joined(counts));
  }
  if (d.version && d.cuda)
    parts.push_back(w(Text{"check.driver-cuda", {{"driver", d.version->text()}, {"cuda", d.cuda->text()}}}));
  else if (d.version)
    parts.push_back(w(Text{"check.driver", {{"driver", d.version->text()}}}));
  else
    parts.push_back(w(Text{shows_no_driver(w.report) ? "check.no-driver-loaded" : "check.no-driver"}));
  auto assumed = w.report.machine.assumed.size();
  if (assumed > 0 && !w.options.why)
    parts.push_back(w(Text{"check.assumed", {{"n", std::to_string(assumed)}}}));
  w.page.item({"", Style::plain}, 0, joined(parts, " · "), Style::faint);
}

}  // namespace

void write_quiet(Writer& w) {
  if (summarize(w.report, w.options.fail_on).exit == 0) return;
  write_nothing_judged(w);
  auto least = w.options.fail_on == FailOn::limited ? Verdict::limited : Verdict::unknown;
  if (!w.report.groups.empty()) write_fleet_quiet(w, least);
  for (auto& j : w.report.judgements)
    if (w.report.groups.empty() && j.verdict >= least)
      write_quiet_line(w, j, w.subject_name(j.subject), w.gpu_name(j.gpu));
  write_gaps(w, w.report.unread);
}

void write_quiet_line(Writer& w, const Judgement& j, const std::string& subject, const std::string& gpu) {
  auto on = w(Text{"check.on", {{"subject", subject}, {"gpu", gpu}}});
  w.page.line({{w.word(j.verdict) + "  "}, {on + w(Text{"punctuation.colon"}) + w(j.why.text)}});
}

std::string failure_words(const Writer& w, const Failure& f) {
  auto when = w(Text{"when." + std::string(name_of(f.when))});
  // Code and name are those of a tool, and `seen_as` has its words.
  if (f.when == When::before_start) return w(Text{"check.fails-before", {{"when", when}, {"call", f.call}}});
  if (f.code == 0)
    return w(Text{"check.fails-no-code", {{"name", f.name}, {"when", when}, {"call", f.call}}});
  return w(Text{"check.fails",
                {{"name", f.name}, {"code", std::to_string(f.code)}, {"when", when}, {"call", f.call}}});
}

void write_failure(Writer& w, const Failure& f) {
  w.item(Text{"label.fails"}, failure_words(w, f));
  if (!f.seen_as.empty()) w.item(Text{"label.seen"}, w(f.seen_as));
}

void write_commands(Writer& w, const Remedy& r) {
  for (auto& command : r.commands) w.page.line({{std::string(w.indent(), ' ') + "$ " + command}});
}

std::string limit_words(const Writer& w, const Limit& l) {
  if (l.code == 0) return w(l.text);
  return w(Text{"check.limit-code", {{"text", w(l.text)}, {"code", std::to_string(l.code)}}});
}

std::string remedy_words(const Writer& w, const Remedy& r) {
  auto text = w(r.text);
  if (r.root && r.reboot)
    text += w(Text{"fix.root-reboot"});
  else if (r.root)
    text += w(Text{"fix.root"});
  else if (r.reboot)
    text += w(Text{"fix.reboot"});
  if (!r.checked) return text + w(Text{"fix.unchecked"});
  if (!r.after) return text;
  return text +
         w(Text{*r.after == Verdict::unfit ? "fix.not-alone" : "fix.then", {{"verdict", w.word(*r.after)}}});
}

void write_check(Writer& w) {
  if (w.options.quiet) return write_quiet(w);
  if (!w.report.groups.empty()) return write_fleet(w);
  bool many = w.report.subjects.size() > 2;
  bool environment =
      many && std::ranges::all_of(w.report.subjects, [](auto& s) { return !s.environment.empty(); });
  bool matrix = environment || (many && w.report.machine.gpus.size() > 1);
  if (matrix) write_matrix(w);
  bool folded = matrix && !w.options.why;
  if (folded)
    write_matrix_details(w);
  else
    write_all_judgements(w);
  write_findings(w, folded ? 1 : 2);
  write_causes(w);
  auto gaps = all_gaps(w.report);
  write_gaps(w, gaps);
  write_nothing_judged(w);
  if (w.report.judgements.empty()) return;
  if (!gaps.empty()) w.page.blank();
  if (w.options.why) write_assumed(w);
  write_footer(w);
}

void write_fixes(Writer& w) {
  Said said;
  for (auto& f : w.report.findings) {
    // Commands that need root are no answer here: what it takes is said, as a comment.
    auto ready =
        std::ranges::find_if(f.remedies, [](auto& r) { return !r.commands.empty() && !r.root && !r.reboot; });
    if (ready == f.remedies.end()) ready = f.remedies.begin();
    if (ready == f.remedies.end() || !said.is_new(f, remedy_words(w, *ready))) continue;
    w.page.line({{"# " + on_words(w, f) + w(Text{"punctuation.colon"}) + remedy_words(w, *ready)}});
    if (ready->root || ready->reboot) continue;
    for (auto& command : ready->commands) w.page.line({{command}});
  }
}

}  // namespace cufit::render
