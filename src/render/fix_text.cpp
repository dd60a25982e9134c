// The text of `check --fix`: commands, and as comments of the shell what they are for.
#include <algorithm>
#include <set>

#include "render/said.h"
#include "render/words.h"

namespace cufit::render {

namespace {

/// The remedy whose commands anybody may run, else the first. What needs root is said and not printed as a
/// command.
const Remedy* best_remedy(const Finding& f) {
  auto ready =
      std::ranges::find_if(f.remedies, [](auto& r) { return !r.commands.empty() && !r.root && !r.reboot; });
  if (ready == f.remedies.end()) ready = f.remedies.begin();
  return ready == f.remedies.end() ? nullptr : &*ready;
}

/// The environment that a finding is about, if it is about one.
std::string environment_of(const Writer& w, const Finding& f) {
  std::set<std::string> all;
  for (auto& [id, gpu] : f.on) {
    auto* subject = w.subject(id);
    all.insert(subject ? subject->environment : std::string());
  }
  return all.size() == 1 ? *all.begin() : std::string();
}

void write_comment(Writer& w, const Finding& f, const std::string& environment, const std::string& words) {
  auto about = f.on.empty() ? w(Text{"cause." + f.cause + ".title"}) : on_words(w, f, 1);
  if (!environment.empty()) about = w(Text{"fix.in", {{"about", about}, {"environment", environment}}});
  w.page.line({{"# " + about + w(Text{"punctuation.colon"}) + words}});
}

}  // namespace

void write_fixes(Writer& w) {
  Said said;
  bool helps = false;
  // Another build of PyTorch brings its own compiler: what mends that of the old one would only break it
  // again.
  std::set<std::string> built_anew;
  for (auto& f : w.report.findings) {
    auto* remedy = best_remedy(f);
    auto environment = environment_of(w, f);
    if (!remedy) {
      if (f.is_of_machine() && f.severity == "error") write_comment(w, f, environment, w(f.why.text));
      continue;
    }
    if (remedy->kind == Remedy::Kind::tool && built_anew.contains(environment)) continue;
    if (!said.is_new(f, remedy_words(w, *remedy))) continue;
    write_comment(w, f, environment, remedy_words(w, *remedy));
    helps |= remedy->after && *remedy->after != Verdict::unfit;
    if (remedy->root || remedy->reboot) continue;
    for (auto& command : remedy->commands) w.page.line({{command}});
    helps |= !remedy->commands.empty();
    if (remedy->kind == Remedy::Kind::build && !environment.empty()) built_anew.insert(environment);
  }
  if (!helps && summarize(w.report, w.options.fail_on).exit != 0)
    w.page.line({{"# " + w(Text{"fix.no-command"})}});
}

}  // namespace cufit::render
