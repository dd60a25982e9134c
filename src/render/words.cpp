#include "render/words.h"

#include <algorithm>
#include <iterator>
#include <span>

#include "model/json_names.h"
#include "render/labels.h"

namespace cufit::render {

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
  return s ? label(*s) : id;
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
  else if (report.command == "diff")
    write_differences(w);
  else if (report.command == "pick")
    write_pick(w);
  else
    write_check(w);
  return w.page.take();
}

}  // namespace cufit::render
