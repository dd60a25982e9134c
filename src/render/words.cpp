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

std::string Writer::gpu_name(const GpuId& id) const {
  auto* g = gpu(id);
  return g ? label(*g) : id;
}

std::string driver_words(const Machine& m, Lang lang) {
  if (!m.driver.version) return phrase({"check.no-driver"}, lang);
  bool branch = std::ranges::find(m.assumed, "first-driver-of-branch") != m.assumed.end();
  return phrase({branch ? "fleet.driver-of-branch" : "check.driver", {{"driver", m.driver.version->text()}}},
                lang);
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
