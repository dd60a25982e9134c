// The text of `diff`: what two machines come to, what of their differences decides, and how many do not.
#include <algorithm>
#include <array>

#include "base/text.h"
#include "model/json_names.h"
#include "render/fact_words.h"
#include "render/labels.h"
#include "render/words.h"

namespace cufit::render {

namespace {

using Effect = Difference::Effect;

/// As many are shown without --why.
constexpr size_t few_deciding = 6, few_alternatives = 3, few_findings = 3;

Style style_of(Effect effect) {
  switch (effect) {
    case Effect::decides:
      return Style::bad;
    case Effect::changes:
      return Style::mixed;
    case Effect::not_tried:
      return Style::open;
    case Effect::none:
      break;
  }
  return Style::faint;
}

std::string change(const Writer& w, const Difference& d) {
  auto fact = fact_words(w, d.fact);
  auto a = value_words(w, d.fact, d.a), b = value_words(w, d.fact, d.b);
  // Of some things there is nothing to say but that they are there; an empty variable is a value.
  bool bare = !d.fact.starts_with("env.");
  switch (d.kind) {
    case Difference::Kind::added:
      if (bare && d.b.empty()) return w(Text{"diff.added-bare", {{"fact", fact}}});
      return w(Text{"diff.added", {{"fact", fact}, {"b", b}}});
    case Difference::Kind::removed:
      if (bare && d.a.empty()) return w(Text{"diff.removed-bare", {{"fact", fact}}});
      return w(Text{"diff.removed", {{"fact", fact}, {"a", a}}});
    case Difference::Kind::changed:
      break;
  }
  return w(Text{"diff.changed", {{"fact", fact}, {"a", a}, {"b", b}}});
}

/// Both do not run, each for a reason of its own.
bool both_fail(const Compared& c) {
  return c.differ && c.a.verdict == Verdict::unfit && c.b.verdict == Verdict::unfit;
}

void write_difference(Writer& w, const Difference& d) {
  bool decided_by_none = w.report.compared && both_fail(*w.report.compared);
  auto label = decided_by_none && d.effect == Effect::changes ? "differs" : name_of(d.effect);
  w.page.item({w(Text{"effect." + std::string(label)}), style_of(d.effect)}, w.indent(), change(w, d));
  if (!w.options.why && d.effect != Effect::decides) return;
  // Two facts may have one name: what is told already is not told again.
  std::vector<std::string> also;
  for (auto& fact : d.also)
    if (auto words = fact_words(w, fact);
        words != fact_words(w, d.fact) && std::ranges::find(also, words) == also.end())
      also.push_back(std::move(words));
  if (!w.options.why && also.size() > few_findings) also.resize(few_findings), also.emplace_back("...");
  if (!also.empty()) w.item(Text{"label.also"}, w.list(also), Style::faint);
}

/// "bad.json" for "/tmp/x/bad.json", unless both are called so.
std::string name_of_machine(const MachineOutcome& m, const MachineOutcome& other) {
  auto last = [](const std::string& path) { return path.substr(path.rfind('/') + 1); };
  return last(m.name).empty() || last(m.name) == last(other.name) ? m.name : last(m.name);
}

const char* outcome_id(const MachineOutcome& m) {
  if (!m.verdict) return "diff.nothing-judged";
  switch (*m.verdict) {
    case Verdict::fits:
      return "diff.runs";
    case Verdict::limited:
      return "diff.limited";
    case Verdict::unknown:
      return "diff.unknown";
    case Verdict::unfit:
      break;
  }
  return m.subject.empty() ? "diff.machine-fails" : "diff.fails";
}

void write_outcome(Writer& w, const char* letter, const MachineOutcome& m, const MachineOutcome& other) {
  auto what = m.gpu.empty() ? m.subject : w(Text{"check.on", {{"subject", m.subject}, {"gpu", m.gpu}}});
  auto text =
      w(Text{outcome_id(m),
             {{"name", name_of_machine(m, other)}, {"what", what}, {"exit", std::to_string(m.exit)}}});
  w.page.item({letter, m.verdict ? Writer::style(*m.verdict) : Style::open}, w.indent(), text);
  if (!m.why.empty() && m.verdict) w.item(Text{"label.because"}, w(m.why));
  if (m.fails) w.item(Text{"label.fails"}, failure_words(w, *m.fails));
  size_t shown = 0;
  for (auto& finding : m.findings) {
    if (shown++ == few_findings && !w.options.why) break;
    w.item(Text{"label.besides"}, w(finding), Style::faint);
  }
}

struct Parted {
  std::vector<const Difference*> alone, together, changes, rest;
};

Parted parted(const std::vector<Difference>& all) {
  Parted p;
  for (auto& d : all) {
    if (d.effect == Effect::decides)
      (d.with.empty() ? p.alone : p.together).push_back(&d);
    else
      (d.effect == Effect::changes ? p.changes : p.rest).push_back(&d);
  }
  return p;
}

/// Returns how many were left out.
size_t write_some(Writer& w, const std::vector<const Difference*>& list, size_t most) {
  size_t n = w.options.why ? list.size() : std::min(most, list.size());
  for (size_t i = 0; i < n; i++) write_difference(w, *list[i]);
  return list.size() - n;
}

void write_left_out(Writer& w, const char* id, size_t n) {
  if (n > 0 && !w.options.quiet) w.page.line({{w(Text{id, {{"n", std::to_string(n)}}}), Style::faint}});
}

bool decides_in_another_set(const Compared& c, const Difference& d) {
  return d.effect != Effect::decides && std::ranges::any_of(c.other_sets, [&](auto& set) {
           return std::ranges::find(set, d.fact) != set.end();
         });
}

/// The other sets that decide together, by the names of their facts.
void write_other_sets(Writer& w, const Compared& c) {
  for (auto& set : c.other_sets) {
    std::vector<std::string> names;
    for (auto& fact : set) names.push_back(fact_words(w, fact));
    w.item(Text{"label.or"}, w(Text{"diff.together-too", {{"names", joined(names)}}}), Style::faint);
  }
}

/// What decides, under a sentence that says how.
void write_deciding(Writer& w, const Compared& c, const Parted& p) {
  std::string worse = c.tried_on_first ? "A" : "B", better = c.tried_on_first ? "B" : "A";
  auto say = [&](const char* id, size_t n) {
    if (!w.options.quiet)
      w.page.line(
          {{w(Text{id, {{"n", std::to_string(n)}, {"worse", worse}, {"better", better}}}), Style::strong}});
  };
  if (!p.alone.empty()) {
    say(p.alone.size() == 1 ? "diff.one" : "diff.each", p.alone.size());
    write_left_out(w, "diff.more-alone", write_some(w, p.alone, few_alternatives));
    write_other_sets(w, c);
  } else if (!p.together.empty()) {
    say("diff.together", p.together.size());
    write_left_out(w, "diff.more-together", write_some(w, p.together, few_deciding));
    write_other_sets(w, c);
  } else if (both_fail(c)) {
    say("diff.both-fail", 0);
  } else if (c.differ) {
    if (!w.options.quiet) w.page.line({{w(Text{"diff.open", {{"why", w(c.unattributed)}}}), Style::strong}});
  }
}

}  // namespace

void write_differences(Writer& w) {
  auto& all = w.report.differences;
  auto c = w.report.compared.value_or(Compared());
  if (!w.options.quiet) {
    write_outcome(w, "A", c.a, c.b);
    write_outcome(w, "B", c.b, c.a);
    w.page.blank();
  }
  if (all.empty()) {
    if (c.differ && !w.options.quiet) w.page.line({{w(Text{"diff.open", {{"why", w(c.unattributed)}}})}});
    if (!c.differ && !w.options.quiet) w.page.line({{w(Text{"diff.none"})}});
    return;
  }
  auto p = parted(all);
  if (!c.differ && !w.options.quiet) w.page.line({{w(Text{"diff.same"}), Style::strong}});
  write_deciding(w, c, p);
  bool decided = !p.alone.empty() || !p.together.empty();
  // What does something else is no cause: it is counted where the cause is known.
  bool list_all = w.options.why && !w.options.quiet;
  size_t silent = p.changes.size() + p.rest.size();
  if (list_all) {
    for (auto* list : {&p.changes, &p.rest}) write_some(w, *list, list->size());
    return;
  }
  if (decided)
    silent -= size_t(std::ranges::count_if(all, [&](auto& d) { return decides_in_another_set(c, d); }));
  else if (c.differ)
    silent -= p.changes.size() - write_some(w, p.changes, few_deciding);
  write_left_out(w, decided ? "diff.rest" : "diff.rest-open", silent);
}

}  // namespace cufit::render
