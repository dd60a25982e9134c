#include "judge/driver_range.h"

#include <algorithm>

#include "judge/driver.h"
#include "judge/step.h"
#include "judge/together.h"

namespace cufit {

namespace {

bool same_answer(const Judgement& a, const Judgement& b) {
  auto code = [](const Judgement& j) { return j.fails ? j.fails->code : 0; };
  return a.verdict == b.verdict && code(a) == code(b);
}

Judgement undecided(Judgement with_first, const Judgement& with_last, const Version& first,
                    const Version& last) {
  Judgement j;
  j.subject = with_first.subject;
  j.gpu = with_first.gpu;
  j.coverage = with_first.coverage;
  j.why =
      evidence(drv_2, Verdict::unknown, {"driver.depends", {{"first", first.text()}, {"last", last.text()}}},
               {"machine.driver.kernel"});
  j.why.parts = {std::move(with_first.why), with_last.why};
  return j;
}

/// `judge_one`: a Machine -> its report.
Report judge_both(const Machine& machine, const Version& last, auto judge_one) {
  auto report = judge_one(machine);
  auto changed = machine;
  auto first = *machine.driver.version;
  changed.driver.version = {last, machine.driver.version.from};
  auto other = judge_one(changed);
  for (size_t i = 0; i < report.judgements.size(); i++) {
    auto& j = report.judgements[i];
    if (same_answer(j, other.judgements.at(i))) continue;
    j = undecided(std::move(j), other.judgements[i], first, last);
    for (auto& finding : report.findings) std::erase(finding.on, std::pair(j.subject, j.gpu));
  }
  std::erase_if(report.findings, [](const Finding& f) { return f.on.empty(); });
  return report;
}

}  // namespace

Report judge_between(const World& world, const Version& last, const Knowledge& k) {
  std::vector<KeptLeastDrivers> kept;
  return judge_both(world.machine, last, [&](const Machine& m) {
    World there = world;
    there.machine = m;
    return judge(there, k, kept);
  });
}

Report judge_between(const Machine& machine, std::span<const Subject> subjects, const Version& last,
                     const Knowledge& k, std::vector<KeptLeastDrivers>& kept) {
  return judge_both(machine, last, [&](const Machine& m) { return judge(m, subjects, k, kept); });
}

}  // namespace cufit
