// The text of `cufit` by itself: the machine on one screen, and what each environment on it can do.
#include <algorithm>
#include <map>
#include <set>
#include <span>

#include "model/package.h"
#include "render/labels.h"
#include "render/verdict_lines.h"
#include "render/words.h"

namespace cufit::render {

namespace {

std::string value_or(const Fact<std::string>& fact, const std::string& other) { return fact ? *fact : other; }

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

/// Is this distribution one of those that the environment was listed for?
bool is_framework(const FoundEnvironment& e, const Subject& s) {
  return s.environment == e.root && std::ranges::any_of(e.frameworks, [&](auto& text) {
           return normalized_name(text.substr(0, text.find(' '))) == normalized_name(s.name);
         });
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
  write_machine_causes(w);
  write_environments(w, seen);
  write_next_step(w);
  write_gaps(w, all_gaps(w.report));
}

}  // namespace cufit::render
