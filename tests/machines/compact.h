// A report in few lines: what was decided about each subject on each GPU, and the causes in their order.
#pragma once

#include <string>

#include "model/json.h"
#include "model/json_names.h"

namespace cufit::testing {

/// "fix.install-build torch 2.9.1+cu126 -> fits": the words, what stands in them, and the verdict after it.
inline std::string compact(const Remedy& r) {
  std::string text = r.text.id;
  for (auto& [name, value] : r.text.args) text += ' ' + value;
  if (r.root) text += ", root";
  if (r.reboot) text += ", reboot";
  if (r.after) return text + " -> " + std::string(name_of(*r.after));
  return text + (r.checked ? "" : ", not checked");
}

inline Json compact(const Judgement& j, const Report& report) {
  auto subject = std::ranges::find(report.subjects, j.subject, &Subject::id);
  Json out = {{"on", subject->name + ' ' + subject->version},
              {"verdict", name_of(j.verdict)},
              {"by", j.why.rule + ' ' + j.why.text.id}};
  if (j.fails) out["fails"] = {j.fails->code, name_of(j.fails->when)};
  for (auto& l : j.limits) out["limits"].push_back(l.rule + ' ' + l.text.id);
  for (auto& n : j.notes) out["notes"].push_back(n.rule + ' ' + n.text.id);
  return out;
}

inline Json compact(const Finding& f) {
  Json out = {{"cause", f.cause}, {"severity", f.severity}};
  if (!f.confidence.empty()) out["confidence"] = f.confidence;
  for (auto& [subject, gpu] : f.on) out["on"].push_back(subject + ' ' + gpu);
  if (!f.folds.empty()) out["folds"] = f.folds;
  for (auto& r : f.remedies) out["remedies"].push_back(compact(r));
  return out;
}

/// One line for each judgement and each finding.
inline std::string compact(const Report& report) {
  auto list = [](const char* name, const Json& items) {
    std::string text = " \"" + std::string(name) + "\": [";
    for (auto& item : items) text += (text.ends_with('[') ? "\n  " : ",\n  ") + item.dump();
    return text + ']';
  };
  Json gpus = Json::array(), judgements = Json::array(), findings = Json::array();
  for (auto& g : report.machine.gpus)
    gpus.push_back(g.id + ' ' + (g.name ? *g.name : "?") + ", " + (g.sm ? g.sm->dotted() : "?") + ", " +
                   (g.board  ? *g.board
                    : g.chip ? *g.chip
                             : "?"));
  // What is said of several GPUs alike stands there once.
  for (auto& j : report.judgements) {
    auto line = compact(j, report);
    auto same =
        std::ranges::find_if(judgements, [&](Json other) { return other.erase("gpus"), other == line; });
    if (same == judgements.end()) judgements.push_back(line), same = std::prev(judgements.end());
    (*same)["gpus"].push_back(j.gpu);
  }
  for (auto& f : report.findings) findings.push_back(compact(f));
  auto& driver = report.machine.driver;
  auto version = [](const Fact<Version>& v) { return v ? v->text() : "?"; };
  Json known = {{"driver", version(driver.version)}, {"cuda", version(driver.cuda)}};
  if (driver.compat) known["compat"] = *driver.compat;
  return "{\n" + list("gpus", gpus) + ",\n \"driver\": " + known.dump() + ",\n" +
         list("judgements", judgements) + ",\n" + list("findings", findings) + "\n}\n";
}

}  // namespace cufit::testing
