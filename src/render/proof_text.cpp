// --why: the proof tree with the facts behind it.
#include <algorithm>

#include "base/text.h"
#include "model/json_names.h"
#include "render/labels.h"
#include "render/words.h"

namespace cufit::render {

namespace {

std::string show(const std::string& s) { return s; }
std::string show(const Version& v) { return v.text(); }
std::string show(const Sm& sm) { return sm.dotted(); }

template <class T>
std::string show(const Fact<T>& fact) {
  if (auto* value = fact.get()) return show(*value) + " (" + label(fact.from) + ')';
  auto* unreadable = std::get_if<Unreadable>(&fact.is);
  return unreadable ? "? (" + unreadable->why + ')' : std::string("-");
}

std::string driver_value(const Driver& driver, std::string_view field) {
  if (field == "kernel") return show(driver.version);
  return field == "cuda" ? show(driver.cuda) : std::string();
}

std::string gpu_value(const Gpu& gpu, std::string_view field) {
  if (field == "name") return show(gpu.name);
  if (field == "sm") return show(gpu.sm);
  if (field == "chip") return show(gpu.chip);
  return field == "board" ? show(gpu.board) : std::string();
}

std::string toolkits_of(const Subject& s) {
  std::vector<Version> all;
  for (auto& m : s.members) all.insert(all.end(), m.bin.toolkits.begin(), m.bin.toolkits.end());
  std::ranges::sort(all);
  all.erase(std::unique(all.begin(), all.end()), all.end());
  std::vector<std::string> texts;
  for (auto& v : all) texts.push_back(v.text());
  return joined(texts);
}

/// Cuts "a.b" into a and b.
std::pair<std::string_view, std::string_view> at_dot(std::string_view s) {
  auto dot = std::min(s.find('.'), s.size());
  return {s.substr(0, dot), s.substr(std::min(dot + 1, s.size()))};
}

void write_step(Writer& w, const Evidence& e, size_t depth) {
  std::string in(4 + 2 * depth, ' ');
  auto head = in + e.rule + ' ' + w.word(e.says) + "  ";
  w.page.item({head, Writer::style(e.says)}, columns(head), w(e.text));
  auto labels = std::max(columns(w(Text{"label.fact"})), columns(w(Text{"label.row"})));
  auto under = [&](const Text& label, const std::string& text) {
    w.page.item({in + "  " + w(label), Style::faint}, in.size() + 4 + labels, text, Style::faint);
  };
  for (auto& ref : e.facts) {
    auto value = fact_value(w.report, ref);
    under(Text{"label.fact"}, value.empty() ? ref : ref + " = " + value);
  }
  for (auto& row : e.rows) under(Text{"label.row"}, row);
  for (auto& part : e.parts) write_step(w, part, depth + 1);
}

}  // namespace

std::string fact_value(const Report& report, std::string_view ref) {
  auto [root, rest] = at_dot(ref);
  auto [group, member] = at_dot(rest);
  if (root == "machine" && group == "driver") return driver_value(report.machine.driver, member);
  if (root == "machine" && group == "env") {
    auto value = report.machine.env.find(std::string(member));
    return value == report.machine.env.end() ? "" : '"' + value->second + '"';
  }
  if (root == "machine" && group == "gpus") {
    auto [id, field] = at_dot(member);
    auto gpu = std::ranges::find(report.machine.gpus, id, &Gpu::id);
    return gpu == report.machine.gpus.end() ? "" : gpu_value(*gpu, field);
  }
  auto subject = std::ranges::find(report.subjects, group, &Subject::id);
  if (root != "subjects" || subject == report.subjects.end()) return {};
  return member.starts_with("toolkit") ? toolkits_of(*subject) : std::string();
}

void write_proof(Writer& w, const Evidence& why) {
  w.item(Text{"label.proof"}, "");
  write_step(w, why, 0);
}

void write_assumed(Writer& w) {
  for (auto& id : w.report.machine.assumed)
    w.item(Text{"label.assumed"}, w(Text{"assumed." + id}), Style::faint);
}

}  // namespace cufit::render
