#include "render/verdict_lines.h"

#include <algorithm>
#include <span>

#include "render/labels.h"

namespace cufit::render {

namespace {

/// For each verdict on the subject, the worst first, one judgement and the names of its GPUs.
std::vector<std::pair<const Judgement*, std::vector<std::string>>> by_verdict(const Writer& w,
                                                                              const SubjectId& subject) {
  std::vector<std::pair<const Judgement*, std::vector<std::string>>> all;
  for (auto& j : w.report.judgements) {
    if (j.subject != subject) continue;
    auto same = std::ranges::find_if(all, [&](auto& one) { return one.first->verdict == j.verdict; });
    if (same == all.end()) same = all.insert(all.end(), {&j, {}});
    auto name = w.gpu_name(j.gpu);
    if (std::ranges::find(same->second, name) == same->second.end()) same->second.push_back(name);
  }
  std::ranges::stable_sort(all, std::greater{}, [](auto& one) { return one.first->verdict; });
  return all;
}

/// Does the part on the machine say already why?
bool is_said(const Report& report, const Evidence& why) {
  return std::ranges::any_of(report.findings,
                             [&](auto& f) { return f.is_of_machine() && f.why.text == why.text; });
}

/// The first remedy, and what it takes besides.
std::span<const Remedy> first_that_helps(const Finding& f) {
  std::span<const Remedy> all = f.remedies;
  size_t n = std::min<size_t>(all.size(), 1);
  while (n < all.size() && all[n].besides) n++;
  return all.first(n);
}

/// What helps most, once for all subjects with the same finding.
void write_fix(Writer& w, const Judgement& j, std::set<const Finding*>& told) {
  for (auto& f : w.report.findings) {
    if (f.remedies.empty() || std::ranges::find(f.on, std::pair(j.subject, j.gpu)) == f.on.end()) continue;
    if (told.insert(&f).second)
      for (auto& r : first_that_helps(f)) {
        w.page.item({"      " + w(Text{"label.fix"}), Style::faint}, w.indent() + 4, remedy_words(w, r));
        if (w.report.command == "doctor")
          for (auto& command : r.commands) w.page.line({{std::string(w.indent() + 4, ' ') + "$ " + command}});
      }
    return;
  }
}

/// The verdict with its reason. Why it fails stands above if the machine is to blame; the error is repeated,
/// with a word on that.
void write_verdict(Writer& w, std::string text, const Judgement& j, std::set<const Finding*>& told) {
  bool said = is_said(w.report, j.why) && j.fails;
  auto colon = w(Text{"punctuation.colon"});
  if (!j.limits.empty() && j.verdict == Verdict::limited)
    for (auto& limit : j.limits) text += (&limit == &j.limits[0] ? colon : "; ") + limit_words(w, limit);
  else if (j.verdict != Verdict::fits && !said)
    text += colon + w(j.why.text);
  if (auto& fails = j.fails) {
    // A number of another tool than CUDA says nothing here.
    bool started = fails->when != When::before_start && fails->code != 0;
    auto error = started
                     ? w(Text{"screen.error", {{"name", fails->name}, {"code", std::to_string(fails->code)}}})
                     : fails->name;
    text += w(Text{said ? "screen.fails-as-said" : "screen.fails", {{"error", error}}});
  }
  w.page.item({"    " + w.word(j.verdict), Writer::style(j.verdict)}, w.indent() + 4, text);
  if (j.verdict == Verdict::unfit && !said) write_fix(w, j, told);
}

}  // namespace

std::vector<std::string> gpu_lines(const Report& report) {
  std::vector<std::pair<std::string, size_t>> counted;
  for (auto& gpu : report.machine.gpus) {
    if (!gpu.name && !gpu.sm) continue;
    auto name = label(gpu);
    auto same = std::ranges::find(counted, name, &std::pair<std::string, size_t>::first);
    if (same == counted.end())
      counted.emplace_back(name, 1);
    else
      same->second++;
  }
  std::vector<std::string> lines;
  for (auto& [name, n] : counted) lines.push_back(n == 1 ? name : std::to_string(n) + " x " + name);
  return lines;
}

void write_gpus(Writer& w, const Observed& seen) {
  auto lines = gpu_lines(w.report);
  if (lines.empty()) {
    const char* id = w.report.machine.wsl ? "screen.gpu-behind-windows"
                     : seen.pci_seen      ? "screen.no-gpu"
                                          : "screen.gpu-not-seen";
    auto* unreadable = std::get_if<Unreadable>(&seen.pci_seen.is);
    bool denied = unreadable && !w.report.machine.wsl;
    lines.push_back(w(denied ? Text{"screen.gpu-unreadable", {{"why", unreadable->why}}} : Text{id}));
  }
  for (auto& line : lines) w.item(Text{"screen.gpu"}, line);
  if (auto n = seen.mig.size(); n > 0)
    w.item(Text{"screen.mig-label"}, w(Text{"screen.mig", {{"n", std::to_string(n)}}}));
}

namespace {

/// Why, of the first places where it is so: the same of another GPU or library is its own line.
void write_because(Writer& w, const Evidence& why) {
  constexpr size_t most = 3;
  w.item(Text{"label.because"}, w(why.text));
  for (auto& part : std::span(why.parts).first(std::min(most, why.parts.size())))
    if (part.text != why.text) w.item(Text{"label.because"}, w(part.text));
}

}  // namespace

void write_machine_causes(Writer& w) {
  for (auto& f : w.report.findings) {
    if (!f.is_of_machine()) continue;
    w.page.item({w(Text{"severity." + f.severity}), f.severity == "error" ? Style::bad : Style::mixed},
                w.indent(), w(Text{"cause." + f.cause + ".title"}), Style::strong);
    write_because(w, f.why);
    for (auto& r : first_that_helps(f)) {
      w.item(Text{"label.fix"}, remedy_words(w, r), Style::strong);
      write_commands(w, r);
    }
    w.page.blank();
  }
}

void write_judged(Writer& w, const Subject& s, std::set<const Finding*>& told) {
  auto verdicts = by_verdict(w, s.id);
  for (auto& [judgement, gpus] : verdicts) {
    auto text = label(s);
    // On several GPUs it is said of each where it runs and where not.
    if (verdicts.size() > 1) text = w(Text{"check.on", {{"subject", text}, {"gpu", w.list(gpus)}}});
    write_verdict(w, text, *judgement, told);
  }
}

}  // namespace cufit::render
