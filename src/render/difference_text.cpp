// The text of `diff`: what differs between two machines, and what of it decides.
#include <algorithm>
#include <array>

#include "model/json_names.h"
#include "render/labels.h"
#include "render/words.h"

namespace cufit::render {

namespace {

Style style_of(Difference::Effect effect) {
  switch (effect) {
    case Difference::Effect::decides:
      return Style::bad;
    case Difference::Effect::changes:
      return Style::mixed;
    case Difference::Effect::not_tried:
      return Style::open;
    case Difference::Effect::none:
      break;
  }
  return Style::faint;
}

std::string change(const Writer& w, const Difference& d) {
  switch (d.kind) {
    case Difference::Kind::added:
      return w(Text{"diff.added", {{"fact", d.fact}, {"b", d.b}}});
    case Difference::Kind::removed:
      return w(Text{"diff.removed", {{"fact", d.fact}, {"a", d.a}}});
    case Difference::Kind::changed:
      break;
  }
  return w(Text{"diff.changed", {{"fact", d.fact}, {"a", d.a}, {"b", d.b}}});
}

void write_difference(Writer& w, const Difference& d) {
  w.page.item({w(Text{"effect." + std::string(name_of(d.effect))}), style_of(d.effect)}, w.indent(),
              change(w, d));
  if (!d.with.empty()) w.item(Text{"label.together"}, joined(d.with));
  if (!d.also.empty() && w.options.why) w.item(Text{"label.also"}, joined(d.also), Style::faint);
}

}  // namespace

void write_differences(Writer& w) {
  auto& all = w.report.differences;
  if (all.empty()) {
    if (!w.options.quiet) w.page.line({{w(Text{"diff.none"})}});
    return;
  }
  size_t silent = 0;
  for (auto& d : all) {
    bool speaks = d.effect == Difference::Effect::decides || d.effect == Difference::Effect::changes;
    if (speaks || (w.options.why && !w.options.quiet))
      write_difference(w, d);
    else
      silent++;
  }
  bool decided = std::ranges::any_of(all, [](auto& d) { return d.effect == Difference::Effect::decides; });
  if (!decided && !w.options.quiet) w.page.line({{w(Text{"diff.same-outcome"})}});
  if (silent > 0 && !w.options.quiet)
    w.page.line({{w(Text{"diff.silent", {{"n", std::to_string(silent)}}}), Style::faint}});
}

}  // namespace cufit::render
