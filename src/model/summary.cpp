#include "model/summary.h"

#include <algorithm>

namespace cufit {

Summary summarize(const Report& report, FailOn fail_on) {
  Summary s;
  for (auto& j : report.judgements) {
    s.counts[size_t(j.verdict)]++;
    s.verdict = std::max(s.verdict.value_or(Verdict::fits), j.verdict);
  }
  if (report.command == "diff") {
    s.exit = report.differences.empty() ? 0 : 1;
    return s;
  }
  if (report.command == "explain") {
    bool sure = !report.findings.empty() && report.findings.front().confidence == "high";
    s.exit = sure ? 0 : 3;
    return s;
  }
  bool no = s.count(Verdict::unfit) > 0 || (fail_on == FailOn::limited && s.count(Verdict::limited) > 0);
  // A question to which nothing was judged has no answer.
  bool open = s.count(Verdict::unknown) > 0 || (report.command != "inspect" && report.judgements.empty());
  if (report.command == "screen" || report.command == "doctor") {
    // What the machine shows is no question: 1 if something here fails.
    bool error = std::ranges::any_of(report.findings, [](auto& f) { return f.severity == "error"; });
    auto is = [&](DoctorStep::State state) {
      return std::ranges::any_of(report.steps, [&](auto& step) { return step.state == state; });
    };
    bool undecided = report.command == "doctor" && s.count(Verdict::unknown) > 0;
    s.exit = no || error || is(DoctorStep::State::fails)   ? 1
             : undecided || is(DoctorStep::State::unknown) ? 3
                                                           : 0;
    return s;
  }
  s.exit = no ? 1 : !report.unread.empty() ? 2 : open ? 3 : 0;
  return s;
}

}  // namespace cufit
