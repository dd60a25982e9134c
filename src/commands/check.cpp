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

/// The first verdict that is another one in the second report.
const Judgement* first_difference(const Report& one, const Report& other) {
  for (size_t i = 0; i < one.judgements.size(); i++)
    if (one.judgements[i].verdict != other.judgements.at(i).verdict) return &one.judgements[i];
  return nullptr;
}

/// --driver R470 may mean any driver of the branch: its answer must not depend on which.
std::expected<void, Complaint> holds_for_whole_branch(const Report& report, World world, const Version& last,
                                                      const Knowledge& knowledge) {
  auto first = *world.machine.driver.version;
  set_driver(world.machine, last);
  auto other = judge(world, knowledge);
  auto* differs = first_difference(report, other);
  if (!differs) return {};
  return complain({"driver.not-precise", {{"first", first.text()}, {"last", last.text()}}},
                  {{"driver.whole-version"}});
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
  if (given->driver_up_to) {
    auto ok = holds_for_whole_branch(report, std::move(world), *given->driver_up_to, *knowledge);
    if (!ok) return std::unexpected(ok.error());
  }
  report.command = "check";
  report.unread = std::move(targets.unread);

  auto options = invocation.render_options();
  return Output{invocation.json() ? render::to_json(report, invocation.lang(), options.fail_on)
                                  : render::to_text(report, options),
                summarize(report, options.fail_on).exit};
}

}  // namespace cufit::commands
