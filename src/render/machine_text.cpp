// The text of `cufit` by itself: the machine on one screen, and what each environment on it can do.
#include <algorithm>
#include <map>
#include <set>
#include <span>

#include "model/package.h"
#include "render/labels.h"
#include "render/words.h"

namespace cufit::render {

namespace {

std::string value_or(const Fact<std::string>& fact, const std::string& other) { return fact ? *fact : other; }

/// "2 x NVIDIA A800-SXM4-80GB (sm_80)": equal ones are counted.
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

void write_driver(Writer& w, const Observed& seen) {
  auto& kernel = seen.kernel;
  auto& driver = w.report.machine.driver;
  std::vector<std::string> parts;
  bool nvgpu = is_jetson(seen) && std::ranges::find(kernel.modules, "nvgpu") != kernel.modules.end();
  if (nvgpu && driver.version && driver.cuda) {
    // The GPU is driven by a module without a version of its own; nvidia.ko is that of the display.
    w.item(
        Text{"screen.driver"},
        w(Text{"screen.driver-nvgpu", {{"display", driver.version->text()}, {"cuda", driver.cuda->text()}}}));
    return;
  }
  if (driver.version && driver.cuda)
    parts.push_back(
        w(Text{"screen.driver-cuda", {{"driver", driver.version->text()}, {"cuda", driver.cuda->text()}}}));
  else if (driver.version)
    parts.push_back(driver.version->text());
  else if (w.report.machine.wsl)
    parts.push_back(w(Text{"screen.driver-of-windows"}));
  else if (seen.root != "/" && !seen.root.empty() && !kernel.on_disk)
    parts.push_back(w(Text{"screen.driver-elsewhere"}));
  else
    parts.push_back(w(Text{"screen.no-driver"}));
  if (kernel.flavour)
    parts.push_back(w(Text{*kernel.flavour == "open" ? "screen.open-module" : "screen.proprietary-module"}));
  if (driver.compat) parts.push_back(w(Text{"screen.compat", {{"package", *driver.compat}}}));
  if (!driver.version && kernel.on_disk)
    parts.push_back(w(Text{"screen.module-on-disk", {{"version", kernel.on_disk->text()}}}));
  w.item(Text{"screen.driver"}, w.list(parts));
}

void write_system(Writer& w, const Observed& seen) {
  auto& os = seen.os;
  std::vector<std::string> parts;
  auto short_name = value_or(os.id, "") + (os.version ? ' ' + *os.version : "");
  if (auto name = value_or(os.name, short_name); !name.empty()) parts.push_back(name);
  // A FIFO, a device, a folder: that it is there and was not read is no silence.
  if (auto* unread = std::get_if<Unreadable>(&os.name.is))
    parts.push_back(w(Text{"screen.unreadable", {{"path", os.name.from.where}, {"why", unread->why}}}));
  if (w.report.machine.arch) parts.push_back(*w.report.machine.arch);
  if (os.kernel) parts.push_back(w(Text{"screen.kernel", {{"release", *os.kernel}}}));
  if (w.report.machine.glibc) parts.push_back("glibc " + w.report.machine.glibc->text());
  if (os.libc && *os.libc != "glibc") parts.push_back(*os.libc);
  if (os.wsl) parts.push_back(*os.wsl);
  if (os.jetson) parts.push_back("L4T " + *os.jetson);
  if (seen.limits.container) parts.push_back(w(Text{"screen.container", {{"name", *seen.limits.container}}}));
  if (!parts.empty()) w.item(Text{"screen.system"}, w.list(parts));
}

/// One decimal: "2.5".
std::string short_number(double n) {
  auto text = std::to_string(n);
  text.resize(std::min(text.size(), text.find('.') + 2));
  return text.ends_with(".0") ? text.substr(0, text.size() - 2) : text;
}

void write_limits(Writer& w, const Observed& seen) {
  auto& l = seen.limits;
  std::vector<std::string> parts;
  if (l.cpus) parts.push_back(w(Text{"screen.cpus", {{"n", short_number(*l.cpus)}}}));
  if (l.memory) parts.push_back(w(Text{"screen.memory", {{"size", memory_label(*l.memory)}}}));
  if (l.container && l.shm) parts.push_back("/dev/shm " + memory_label(*l.shm));
  if (!parts.empty()) w.item(Text{"screen.limits"}, w.list(parts));
}

void write_toolkits(Writer& w, const Observed& seen) {
  for (auto& t : seen.toolkits) {
    std::vector<std::string> parts = {t.path};
    if (t.version) parts.push_back("CUDA " + t.version->text());
    if (!t.nvcc) parts.push_back(w(Text{"screen.no-nvcc"}));
    w.item(Text{"screen.toolkit"}, w.list(parts));
  }
}

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

/// Is this distribution one of those that the environment was listed for?
bool is_framework(const FoundEnvironment& e, const Subject& s) {
  return s.environment == e.root && std::ranges::any_of(e.frameworks, [&](auto& text) {
           return normalized_name(text.substr(0, text.find(' '))) == normalized_name(s.name);
         });
}

/// Does the machine's part of the screen say already why?
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
      for (auto& r : first_that_helps(f))
        w.page.item({"      " + w(Text{"label.fix"}), Style::faint}, w.indent() + 4, remedy_words(w, r));
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

void write_judged(Writer& w, const Subject& s, std::set<const Finding*>& told) {
  auto verdicts = by_verdict(w, s.id);
  for (auto& [judgement, gpus] : verdicts) {
    auto text = label(s);
    // On several GPUs it is said of each where it runs and where not.
    if (verdicts.size() > 1) text = w(Text{"check.on", {{"subject", text}, {"gpu", w.list(gpus)}}});
    write_verdict(w, text, *judgement, told);
  }
}

/// An environment on its line: "  /opt/venv  venv, Python 3.12", and what more is to be said.
void write_environment(Writer& w, const FoundEnvironment& e, const std::vector<std::string>& more = {}) {
  std::vector<std::string> parts = {e.kind};
  if (!e.python.empty()) parts.push_back("Python " + e.python);
  if (e.active) parts.push_back(w(Text{"screen.active"}));
  parts.insert(parts.end(), more.begin(), more.end());
  w.page.line({{e.active ? "* " : "  "}, {e.root, Style::strong}, {"  " + w.list(parts), Style::faint}});
}

/// Environments in which no name tells of GPUs: counted, since most machines have many.
void write_others(Writer& w, const std::vector<const FoundEnvironment*>& others) {
  if (others.empty()) return;
  w.page.line({{"  " + w(Text{"screen.others", {{"n", std::to_string(others.size())}}}), Style::faint}});
  if (!w.options.why) return;
  for (auto* e : others) write_environment(w, *e);
}

void write_environments(Writer& w, const Observed& seen) {
  std::vector<const FoundEnvironment*> others;
  std::set<const Finding*> told;
  for (auto& e : seen.environments) {
    std::vector<const Subject*> judged;
    for (auto& s : w.report.subjects)
      if (is_framework(e, s)) judged.push_back(&s);
    if (judged.empty() && e.frameworks.empty() && !e.active) {
      others.push_back(&e);
      continue;
    }
    std::vector<std::string> more;
    if (e.frameworks.empty()) more.push_back(w(Text{"screen.no-framework"}));
    if (judged.empty() && !e.frameworks.empty())
      more.push_back(w(Text{"screen.not-read", {{"names", w.list(e.frameworks)}}}));
    write_environment(w, e, more);
    for (auto* s : judged) write_judged(w, *s, told);
  }
  write_others(w, others);
}

void write_causes(Writer& w) {
  for (auto& f : w.report.findings) {
    if (!f.is_of_machine()) continue;
    w.page.item({w(Text{"severity." + f.severity}), f.severity == "error" ? Style::bad : Style::mixed},
                w.indent(), w(Text{"cause." + f.cause + ".title"}), Style::strong);
    w.item(Text{"label.because"}, w(f.why.text));
    for (auto& r : first_that_helps(f)) {
      w.item(Text{"label.fix"}, remedy_words(w, r), Style::strong);
      write_commands(w, r);
    }
    w.page.blank();
  }
}

}  // namespace

void write_machine(Writer& w) {
  if (w.options.quiet) return write_quiet(w);
  if (!w.report.observed) return;
  auto& seen = *w.report.observed;
  write_gpus(w, seen);
  write_driver(w, seen);
  write_system(w, seen);
  write_limits(w, seen);
  write_toolkits(w, seen);
  write_assumed(w);
  w.page.blank();
  write_causes(w);
  write_environments(w, seen);
  write_next_step(w);
  write_gaps(w, all_gaps(w.report));
}

}  // namespace cufit::render
