#include "render/words.h"

#include <algorithm>
#include <iterator>
#include <span>

#include "base/text.h"
#include "model/json_names.h"
#include "render/labels.h"

namespace cufit::render {

namespace {

bool has_several_environments(const Report& report) {
  const std::string* first = nullptr;
  for (auto& s : report.subjects) {
    if (s.environment.empty()) continue;
    if (first && *first != s.environment) return true;
    first = &s.environment;
  }
  return false;
}

}  // namespace

Writer::Writer(const Report& r, const Options& o)
    : report(r), options(o), page(o.color, o.width), several_environments_(has_several_environments(r)) {}

std::string Writer::word(Verdict verdict) const {
  return (*this)(Text{"verdict." + std::string(name_of(verdict))});
}

Style Writer::style(Verdict verdict) {
  switch (verdict) {
    case Verdict::fits:
      return Style::good;
    case Verdict::limited:
      return Style::mixed;
    case Verdict::unknown:
      return Style::open;
    case Verdict::unfit:
      break;
  }
  return Style::bad;
}

size_t Writer::indent() const { return options.lang == Lang::zh ? 12 : 11; }

void Writer::item(const Text& label, std::string_view text, Style style) {
  page.item({"  " + (*this)(label), Style::faint}, indent(), text, style);
}

std::string Writer::list(const std::vector<std::string>& names) const {
  return joined(names, (*this)(Text{"punctuation.list"}));
}

std::string Writer::some_of(const std::vector<std::string>& names, size_t most) const {
  if (options.why || names.size() <= most + 1) return list(names);
  std::vector<std::string> shown(names.begin(), names.begin() + long(most));
  return (*this)(Text{"list.and-more", {{"list", list(shown)}, {"n", std::to_string(names.size() - most)}}});
}

const Subject* Writer::subject(const SubjectId& id) const {
  auto found = std::ranges::find(report.subjects, id, &Subject::id);
  return found == report.subjects.end() ? nullptr : &*found;
}

const Gpu* Writer::gpu(const GpuId& id) const {
  auto found = std::ranges::find(report.machine.gpus, id, &Gpu::id);
  return found == report.machine.gpus.end() ? nullptr : &*found;
}

std::string Writer::subject_name(const SubjectId& id) const {
  auto* s = subject(id);
  return s ? subject_name(*s) : id;
}

std::string Writer::subject_name(const Subject& s) const {
  auto name = label(s);
  if (!several_environments_ || s.environment.empty() || name.starts_with(s.environment)) return name;
  return (*this)(Text{"check.in-environment", {{"subject", name}, {"environment", s.environment}}});
}

std::string Writer::gpu_name(const GpuId& id) const { return gpu_name(gpu(id)); }

std::string Writer::gpu_name(const Gpu* gpu, size_t boards) const {
  if (!gpu || (!gpu->name && !gpu->sm)) {
    if (!report.groups.empty()) return (*this)(Text{"gpu.not-known"});
    return (*this)(Text{report.machine.origin == "recorded" ? "gpu.that-machine" : "gpu.this-machine"});
  }
  return boards == 1 ? label(*gpu) : std::to_string(boards) + " x " + label(*gpu);
}

std::string Writer::gpu_names(const std::vector<GpuId>& ids) const {
  std::vector<std::string> names;
  auto unknown = gpu_name(nullptr);
  for (auto& id : ids)
    if (auto name = gpu_name(id); name != unknown || std::ranges::find(names, name) == names.end())
      names.push_back(std::move(name));
  return list(counted(names));
}

std::string driver_words(const Machine& m, Lang lang) {
  if (!m.driver.version) return phrase({"check.no-driver"}, lang);
  auto driver = m.driver.version->text();
  if (std::ranges::find(m.assumed, "first-driver-of-branch") == m.assumed.end())
    return phrase({"check.driver", {{"driver", driver}}}, lang);
  auto branch = "R" + std::to_string(m.driver.version->major());
  return phrase({"check.driver-of-branch", {{"branch", branch}, {"driver", driver}}}, lang);
}

void write_next_step(Writer& w) {
  auto& gpus = w.report.machine.gpus;
  auto is_known = [](const Gpu& gpu) { return gpu.name || gpu.sm; };
  auto is_open = [](const Judgement& j) { return j.verdict == Verdict::unknown; };
  if (w.report.judgements.empty() || std::ranges::any_of(gpus, is_known)) return;
  if (gpus.empty() || std::ranges::any_of(w.report.judgements, is_open))
    w.page.item({w(Text{"label.next"}), Style::faint}, w.indent(), w(Text{"check.name-a-gpu"}));
}

std::vector<Gap> all_gaps(const Report& report) {
  auto gaps = report.unread;
  auto append = [&](const std::vector<Gap>& more) { gaps.insert(gaps.end(), more.begin(), more.end()); };
  for (auto& s : report.subjects) {
    append(s.unread);
    for (auto& m : s.members) append(m.bin.unread);
  }
  return gaps;
}

void write_gaps(Writer& w, const std::vector<Gap>& gaps) {
  constexpr size_t shown = 12;
  size_t lines = 0;
  for (auto gap = gaps.begin(); gap != gaps.end(); lines++) {
    if (lines == shown && !w.options.why) {
      auto left = std::to_string(gaps.end() - gap);
      w.item(Text{"label.unread"}, w(Text{"unread.more", {{"n", left}}}), Style::mixed);
      return;
    }
    // Many files of one package are alike: the first stands for them.
    auto differs = [&](const Gap& other) { return other.offset || !(other.what == gap->what); };
    auto next = w.options.why || gap->offset ? gap + 1 : std::find_if(gap + 1, gaps.end(), differs);
    auto where = gap->path;
    if (gap->offset) where = w(Text{"unread.at", {{"path", gap->path}, {"offset", hex(*gap->offset)}}});
    if (next - gap > 1)
      where = w(Text{"unread.and-more", {{"path", where}, {"n", std::to_string(next - gap - 1)}}});
    w.item(Text{"label.unread"}, where + w(Text{"punctuation.colon"}) + w(gap->what), Style::mixed);
    gap = next;
  }
}

std::string to_text(const Report& report, const Options& options) {
  Writer w(report, options);
  if (options.fix)
    write_fixes(w);
  else if (report.command == "inspect")
    report.loads.empty() ? write_inspect(w) : write_loads(w);
  else if (report.command == "screen")
    write_machine(w);
  else if (report.command == "doctor")
    write_doctor(w);
  else if (report.command == "explain")
    write_explain(w);
  else if (report.command == "diff")
    write_differences(w);
  else if (report.command == "pick")
    write_pick(w);
  else
    write_check(w);
  return w.page.take();
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
  if (r.besides) text = w(Text{"fix.besides", {{"remedy", text}}});
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

std::string on_words(const Writer& w, const Finding& f, size_t most) {
  std::vector<std::pair<SubjectId, std::vector<GpuId>>> gpus_of;
  for (auto& [subject, gpu] : f.on) {
    if (gpus_of.empty() || gpus_of.back().first != subject)
      gpus_of.emplace_back(subject, std::vector<GpuId>());
    gpus_of.back().second.push_back(gpu);
  }
  std::vector<std::pair<std::string, std::vector<std::string>>> subjects_on;
  for (auto& [subject, gpus] : gpus_of) {
    auto names = w.gpu_names(gpus);
    auto same = std::ranges::find(subjects_on, names, [](auto& x) { return x.first; });
    if (same == subjects_on.end())
      same = subjects_on.insert(same, {std::move(names), std::vector<std::string>()});
    same->second.push_back(w.subject_name(subject));
  }
  std::vector<std::string> parts;
  for (auto& [gpus, subjects] : subjects_on)
    parts.push_back(w(Text{"check.on", {{"subject", w.some_of(subjects, most)}, {"gpu", gpus}}}));
  return joined(parts, "; ");
}

}  // namespace cufit::render
