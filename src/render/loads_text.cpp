// The text of `inspect --libs`: which file each name of a library leads to, why, and what lies in its shadow.
#include <algorithm>
#include <set>

#include "model/cuda_library.h"
#include "model/duplicates.h"
#include "model/json_names.h"
#include "render/labels.h"
#include "render/words.h"

namespace cufit::render {

namespace {

/// "DT_RUNPATH $ORIGIN/../../cublas/lib of libcusolver.so.11".
std::string reason(const Writer& w, const Load& load) {
  std::string id = "found." + std::string(name_of(load.found));
  auto of = load.place_of.substr(load.place_of.rfind('/') + 1);
  return w(Text{std::move(id), {{"place", load.place}, {"of", of}}});
}

std::string named(const std::string& path, const std::string& version, const std::string& owner) {
  if (!owner.empty()) return path + " (" + owner + ')';
  return version.empty() ? path : path + " (" + version + ')';
}

/// A search without result tells every folder, often three times: the first few do.
Text shortened(const Writer& w, Text why) {
  constexpr size_t kShown = 4;
  auto places =
      std::ranges::find(why.args, std::string("places"), &std::pair<std::string, std::string>::first);
  if (places == why.args.end() || w.options.why) return why;
  std::vector<std::string> shown;
  size_t more = 0;
  for (std::string_view rest = places->second; !rest.empty();) {
    auto end = rest.find(", ");
    std::string place(rest.substr(0, end));
    rest = end == rest.npos ? std::string_view() : rest.substr(end + 2);
    if (std::ranges::find(shown, place) != shown.end()) continue;
    if (shown.size() < kShown)
      shown.push_back(std::move(place));
    else
      more++;
  }
  places->second = w.list(shown);
  if (more > 0) places->second += w(Text{"loads.more-places", {{"n", std::to_string(more)}}});
  return why;
}

Style style_of(const Load& load) {
  if (load.found == Found::not_found || !load.missing_versions.empty() || load.cut_off) return Style::bad;
  return load.found == Found::unknown ? Style::open : Style::plain;
}

void write_load(Writer& w, const Load& load) {
  w.page.line({{load.name.substr(load.name.rfind('/') + 1), Style::strong}});
  bool open = load.found == Found::not_found || load.found == Found::unknown;
  if (open) {
    w.item(Text{"label.where"}, w(shortened(w, load.why)), style_of(load));
  } else {
    w.item(Text{"label.where"}, named(load.file(), load.version, load.owner));
    w.item(Text{"label.because"}, reason(w, load));
  }
  if (!load.by.empty())
    w.item(Text{"label.for"}, load.dlopened ? w(Text{"loads.opened", {{"by", load.by}}}) : load.by);
  for (auto& s : load.shadows) w.item(Text{"label.shadows"}, named(s.path, s.version, ""), Style::faint);
  if (!load.missing_versions.empty()) w.item(Text{"label.lacks"}, w.list(load.missing_versions), Style::bad);
  if (auto& cut = load.cut_off)
    w.item(Text{"label.lacks"},
           w(Text{cut->kills ? "loads.cut-off" : "loads.end-missing",
                  {{"n", std::to_string(cut->whole - cut->size)}, {"whole", std::to_string(cut->whole)}}}),
           Style::bad);
}

void write_duplicate(Writer& w, const DuplicateLibrary& duplicate) {
  std::vector<std::string> files;
  for (auto* load : duplicate.files) files.push_back(named(load->file(), load->version, load->owner));
  Text text = {
      "loads.duplicate",
      {{"library", duplicate.library}, {"n", std::to_string(files.size())}, {"files", w.list(files)}}};
  w.page.line({{w(text), Style::mixed}});
}

/// CUDA's libraries, and whatever is not as it should be; --why shows all.
bool is_of_interest(const Writer& w, const Load& load) {
  auto base = load.name.substr(load.name.rfind('/') + 1);
  return w.options.why || is_cuda_library(base) || style_of(load) != Style::plain;
}

}  // namespace

void write_loads(Writer& w) {
  for (auto& loads : w.report.loads) {
    auto title = loads.framework.empty() ? loads.start : loads.framework + "  " + loads.start;
    w.page.line({{title, Style::strong}});
    size_t hidden = 0;
    std::set<std::pair<std::string, std::string>> said;
    for (auto& load : loads.loads) {
      bool lacks = !load.missing_versions.empty();
      if (load.found == Found::already_loaded && !lacks) continue;
      if (!said.emplace(load.name, load.real).second && !lacks) continue;
      if (is_of_interest(w, load))
        write_load(w, load);
      else
        hidden++;
    }
    for (auto& duplicate : duplicates_of(loads.loads)) write_duplicate(w, duplicate);
    if (hidden > 0) w.page.line({{w(Text{"loads.hidden", {{"n", std::to_string(hidden)}}}), Style::faint}});
    w.page.blank();
  }
}

}  // namespace cufit::render
