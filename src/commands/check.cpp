// cufit check: do the targets fit these GPUs and this driver?
#include "commands/knowledge_option.h"
#include "commands/machine_options.h"
#include "commands/targets.h"
#include "judge/judge.h"
#include "model/json_names.h"
#include "model/summary.h"
#include "render/labels.h"
#include "render/render.h"

namespace cufit::commands {

namespace {

/// --driver R470 may mean any driver of the branch. Where the answer depends on which, it is unknown.
void doubt_what_depends_on_the_driver(Report& report, World world, const Version& last,
                                      const Knowledge& knowledge) {
  auto first = *world.machine.driver.version;
  set_driver(world.machine, last);
  auto other = judge(world, knowledge);
  auto code = [](const Judgement& j) { return j.fails ? j.fails->code : 0; };
  for (size_t i = 0; i < report.judgements.size(); i++) {
    auto& j = report.judgements[i];
    auto& with_last = other.judgements.at(i);
    if (j.verdict == with_last.verdict && code(j) == code(with_last)) continue;
    Judgement unknown;
    unknown.subject = j.subject;
    unknown.gpu = j.gpu;
    unknown.coverage = j.coverage;
    unknown.why.rule = "DRV-2";
    unknown.why.says = Verdict::unknown;
    unknown.why.text = {"driver.depends", {{"first", first.text()}, {"last", last.text()}}};
    unknown.why.facts = {"machine.driver.kernel"};
    unknown.why.parts = {std::move(j.why), with_last.why};
    j = std::move(unknown);
    for (auto& finding : report.findings) std::erase(finding.on, std::pair(j.subject, j.gpu));
  }
  std::erase_if(report.findings, [](const Finding& f) { return f.on.empty(); });
}

}  // namespace

Outcome check(const Invocation& invocation) {
  auto knowledge = knowledge_for(invocation);
  if (!knowledge) return std::unexpected(knowledge.error());
  auto given = given_machine(invocation, *knowledge);
  if (!given) return std::unexpected(given.error());
  auto targets = read_targets(invocation, *knowledge);
  if (auto ok = some_could_be_read(targets); !ok && !invocation.json()) return std::unexpected(ok.error());

  World world{std::move(given->machine), std::move(targets.subjects)};
  auto report = judge(world, *knowledge);
  if (given->driver_up_to)
    doubt_what_depends_on_the_driver(report, std::move(world), *given->driver_up_to, *knowledge);
  report.command = "check";
  report.unread = std::move(targets.unread);

  auto options = invocation.render_options();
  return Output{invocation.json() ? render::to_json(report, invocation.lang(), options.fail_on)
                                  : render::to_text(report, options),
                summarize(report, options.fail_on).exit};
}

}  // namespace cufit::commands
