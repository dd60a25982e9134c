// The text of `check --fix`: commands, and as comments of the shell what they are for.
#include <algorithm>
#include <set>
#include <span>

#include "render/said.h"
#include "render/words.h"

namespace cufit::render {

namespace {

/// Can its commands be pasted by any user? What needs root is said and not printed as a command.
bool is_ready(const Remedy& r) { return !r.commands.empty() && !r.root && !r.reboot; }

/// The remedy whose commands anybody may run, else the first, with those that must be done besides it.
std::span<const Remedy> best_remedies(const Finding& f) {
  auto first = std::ranges::find_if(f.remedies, [](auto& r) { return !r.besides && is_ready(r); });
  if (first == f.remedies.end()) first = f.remedies.begin();
  if (first == f.remedies.end()) return {};
  auto last = std::find_if_not(first + 1, f.remedies.end(), [](auto& r) { return r.besides; });
  return {first, last};
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
    // Of a log only the cause: what else it could be is not to be mended at random.
    if (f.is_of_log() && &f != &w.report.findings.front()) continue;
    auto remedies = best_remedies(f);
    auto environment = environment_of(w, f);
    if (remedies.empty()) {
      if (f.is_of_machine() && f.severity == "error") write_comment(w, f, environment, w(f.why.text));
      continue;
    }
    if (remedies[0].kind == Remedy::Kind::tool && built_anew.contains(environment)) continue;
    if (!said.is_new(f, remedy_words(w, remedies[0]))) continue;
    for (auto& r : remedies) {
      write_comment(w, f, environment, remedy_words(w, r));
      helps |= r.after && *r.after != Verdict::unfit;
      if (!is_ready(r)) continue;
      for (auto& command : r.commands) w.page.line({{command}});
      helps = true;
      if (r.kind == Remedy::Kind::build && !environment.empty()) built_anew.insert(environment);
    }
  }
  if (!helps && summarize(w.report, w.options.fail_on).exit != 0)
    w.page.line({{"# " + w(Text{"fix.no-command"})}});
}

}  // namespace cufit::render
