#include "judge/compared_outcome.h"

#include <algorithm>
#include <tuple>

#include "judge/judge.h"
#include "judge/uses.h"
#include "model/json_names.h"
#include "model/summary.h"

namespace cufit {

namespace {

bool is_error(const Finding& f) { return f.severity == "error"; }

bool is_on(const Finding& f, const Judgement& j) {
  return std::ranges::find(f.on, std::pair(j.subject, j.gpu)) != f.on.end();
}

/// What `cufit check` exits with where nothing else is asked.
int exit_of(std::optional<Verdict> verdict) {
  if (!verdict || verdict == Verdict::unknown) return 3;
  return verdict == Verdict::unfit ? 1 : 0;
}

/// Statements of what is wrong, which the judgements' proofs do not hold.
std::vector<Text> statements(const Report& report) {
  std::vector<Text> all;
  for (auto& f : report.findings)
    if (f.is_of_machine()) all.push_back(f.why.text);
  return all;
}

}  // namespace

ComparedOutcome::ComparedOutcome(const World& world, const Knowledge& knowledge, const SubjectNames& names)
    : report_(judge(world, knowledge)) {
  auto keys = names.of(world.subjects);
  std::map<SubjectId, std::string> key_of;
  for (size_t i = 0; i < keys.size(); i++) key_of[world.subjects[i].id] = keys[i];
  auto on = [&](const SubjectId& subject, const GpuId& gpu) {
    auto known = key_of.find(subject);
    return (known == key_of.end() ? subject : known->second) + " on " + gpu;
  };
  std::set<std::string> lines;
  for (auto& j : report_.judgements) {
    auto subject = std::ranges::find(world.subjects, j.subject, &Subject::id);
    bool torch = subject != world.subjects.end() && is_torch(*subject);
    Answer answer{j.verdict, {}, report_.findings.size(), torch, &j};
    auto finding =
        std::ranges::find_if(report_.findings, [&](auto& f) { return is_error(f) && is_on(f, j); });
    answer.rank = size_t(finding - report_.findings.begin());
    if (j.verdict == Verdict::unfit) {
      answer.reason = (j.fails ? std::to_string(j.fails->code) : "") + ' ' +
                      (finding == report_.findings.end() ? j.why.rule : finding->cause);
    } else if (j.verdict != Verdict::fits) {
      answer.reason = j.why.rule;
    }
    auto key = on(j.subject, j.gpu);
    answers_[key] = answer;
    auto line = key + ": " + std::string(name_of(j.verdict));
    if (j.fails) line += ' ' + std::to_string(j.fails->code);
    for (auto& use : j.uses)
      line += ", " + use.id + ' ' + std::string(name_of(use.verdict)) + ' ' + std::to_string(use.code);
    lines.insert(line);
  }
  for (auto& f : report_.findings) {
    if (f.on.empty()) lines.insert("cause " + f.cause + ' ' + f.severity);
    for (auto& [subject, gpu] : f.on)
      lines.insert("cause " + f.cause + ' ' + f.severity + " of " + on(subject, gpu));
  }
  for (auto& line : lines) fine_ += line + '\n';
}

const ComparedOutcome::Answer* ComparedOutcome::worst(const std::set<std::string>* focus) const {
  const Answer* worst = nullptr;
  auto before = [](const Answer& a, const Answer& b) {
    if (a.verdict != b.verdict) return a.verdict > b.verdict;
    return std::pair(a.rank, !a.torch) < std::pair(b.rank, !b.torch);
  };
  for (auto& [key, answer] : answers_)
    if ((!focus || focus->contains(key)) && (!worst || before(answer, *worst))) worst = &answer;
  return worst;
}

/// Where nothing was judged, what is wrong with the machine is what it comes to.
const Finding* ComparedOutcome::first_error() const {
  auto found = std::ranges::find_if(report_.findings, is_error);
  return answers_.empty() && found != report_.findings.end() ? &*found : nullptr;
}

const ComparedOutcome::Answer* ComparedOutcome::most_telling() const {
  std::set<std::string> installed, torch;
  for (auto& [key, answer] : answers_) {
    auto subject = std::ranges::find(report_.subjects, answer.judgement->subject, &Subject::id);
    if (subject == report_.subjects.end() || subject->kind != Subject::Kind::distribution) continue;
    installed.insert(key);
    if (is_torch(*subject)) torch.insert(key);
  }
  auto* all = worst(installed.empty() ? nullptr : &installed);
  bool fails = all && all->verdict == Verdict::unfit;
  return fails || torch.empty() ? all : worst(&torch);
}

ptrdiff_t ComparedOutcome::count(std::string_view severity) const {
  return std::ranges::count(report_.findings, severity, &Finding::severity);
}

std::optional<Verdict> ComparedOutcome::verdict(const std::set<std::string>& focus) const {
  if (first_error()) return Verdict::unfit;
  auto* answer = worst(&focus);
  if (!answer) answer = most_telling();  // no answer differs: what all come to
  return answer ? std::optional(answer->verdict) : std::nullopt;
}

bool ComparedOutcome::is_worse(const ComparedOutcome& one, const ComparedOutcome& other,
                               const std::set<std::string>& focus) {
  auto badness = [&](const ComparedOutcome& o) {
    return std::tuple(o.verdict(focus).value_or(Verdict::fits), o.count("error"), o.count("warning"));
  };
  return badness(one) > badness(other);
}

std::string ComparedOutcome::text(Detail detail, const std::set<std::string>& focus) const {
  if (detail == Detail::all) return fine_;
  auto* error = first_error();
  if (detail == Detail::runs) {
    auto* answer = worst(&focus);
    auto comes_to = verdict(focus).value_or(Verdict::fits);
    if (comes_to == Verdict::limited) comes_to = Verdict::fits;  // it runs
    return std::string(name_of(comes_to)) + ' ' +
           (error                                         ? error->cause
            : answer && answer->verdict == Verdict::unfit ? answer->reason
                                                          : std::string());
  }
  auto all = error ? error->cause + '\n' : std::string();
  for (auto& [key, answer] : answers_)
    if (focus.contains(key))
      all += key + ": " + std::string(name_of(answer.verdict)) + ' ' + answer.reason + '\n';
  return all;
}

std::set<std::string> ComparedOutcome::differing(const ComparedOutcome& a, const ComparedOutcome& b,
                                                 bool both) {
  std::set<std::string> keys;
  for (auto* one : {&a, &b}) {
    auto& other = one == &a ? b : a;
    for (auto& [key, answer] : one->answers_) {
      auto at = other.answers_.find(key);
      if (at == other.answers_.end()
              ? !both
              : std::tie(at->second.verdict, at->second.reason) != std::tie(answer.verdict, answer.reason))
        keys.insert(key);
    }
  }
  return keys;
}

MachineOutcome ComparedOutcome::told(const std::set<std::string>& focus, const ComparedOutcome& other) const {
  MachineOutcome out;
  auto* answer = worst(&focus);
  if (!answer) answer = most_telling();
  if (answer) {
    auto& j = *answer->judgement;
    auto subject = std::ranges::find(report_.subjects, j.subject, &Subject::id);
    auto gpu = std::ranges::find(report_.machine.gpus, j.gpu, &Gpu::id);
    out.verdict = j.verdict;
    if (subject != report_.subjects.end())
      out.subject = subject->version.empty() ? subject->name : subject->name + ' ' + subject->version;
    if (gpu != report_.machine.gpus.end() && gpu->name) out.gpu = *gpu->name;
    out.why = j.why.text;
    out.fails = j.fails;
  } else if (auto* error = first_error()) {
    out.verdict = Verdict::unfit;
    out.why = error->why.text;
  }
  out.exit = exit_of(out.verdict);
  auto others = statements(other.report_);
  for (auto& text : statements(report_))
    if (std::ranges::find(others, text) == others.end() && !(text == out.why)) out.findings.push_back(text);
  if (auto all = summarize(report_).exit; answer && all != out.exit)
    out.findings.push_back({"diff.all-exit", {{"exit", std::to_string(all)}}});
  return out;
}

}  // namespace cufit
