// The text of `pick`: the build that was chosen, how to install it, and what was passed over.
#include <algorithm>
#include <set>

#include "model/json_names.h"
#include "render/labels.h"
#include "render/words.h"

namespace cufit::render {

namespace {

void write_choice(Writer& w, const Subject& s) {
  std::vector<GpuId> gpus;
  const Judgement* worst = nullptr;
  for (auto& j : w.report.judgements) {
    if (j.subject != s.id) continue;
    gpus.push_back(j.gpu);
    if (!worst || j.verdict > worst->verdict) worst = &j;
  }
  if (!worst) return;
  auto colon = w(Text{"punctuation.colon"});
  auto text =
      w(Text{"check.on", {{"subject", label(s)}, {"gpu", w.gpu_names(gpus)}}}) + colon + w(worst->why.text);
  w.page.item({w.word(worst->verdict), Writer::style(worst->verdict)}, w.indent(), text);
  if (worst->fails) write_failure(w, *worst->fails);
  for (auto& l : worst->limits) w.item(Text{"label.limit"}, limit_words(w, l));
  for (auto& n : worst->notes) w.item(Text{"label.note"}, w(n.text));
}

/// The ways to install a build; what is none is said in words.
void write_install(Writer& w, const Finding& f) {
  for (auto& r : f.remedies) {
    if (r.commands.empty()) w.item(Text{"label.fix"}, remedy_words(w, r), Style::strong);
    write_commands(w, r);
  }
}

/// What helps besides, with the GPUs that it helps where there are several; each said once.
void write_fixes_of(Writer& w, const Finding& f, const SubjectId& subject, std::set<std::string>& said) {
  std::vector<GpuId> gpus;
  for (auto& on : f.on)
    if (on.first == subject) gpus.push_back(on.second);
  for (auto& r : f.remedies) {
    auto words = remedy_words(w, r);
    if (w.report.machine.gpus.size() > 1) words = w.gpu_names(gpus) + w(Text{"punctuation.colon"}) + words;
    if (!said.insert(words).second) continue;
    w.item(Text{"label.fix"}, words, Style::strong);
    write_commands(w, r);
  }
}

}  // namespace

void write_pick(Writer& w) {
  if (w.options.quiet) return write_quiet(w);
  for (auto& s : w.report.subjects) {
    write_choice(w, s);
    std::set<std::string> fixes;
    for (auto& f : w.report.findings) {
      bool about = std::ranges::any_of(f.on, [&](auto& on) { return on.first == s.id; });
      if (!about) continue;
      bool chosen = f.cause == "pick", none = f.cause == "pick-none";
      if (none) w.item(Text{"label.note"}, w(Text{"pick.none", {{"name", s.name}}}), Style::strong);
      if (!chosen && !none) {
        write_fixes_of(w, f, s.id, fixes);
        continue;
      }
      write_install(w, f);
      for (auto& r : f.rejected)
        w.item(Text{"label.not"}, w(r.change) + w(Text{"punctuation.colon"}) + w(r.why), Style::faint);
    }
    w.page.blank();
  }
  write_gaps(w, all_gaps(w.report));
  if (w.options.why) {
    for (auto& j : w.report.judgements) write_proof(w, j.why);
    write_assumed(w);
  }
}

}  // namespace cufit::render
