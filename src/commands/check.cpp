// cufit check: do the targets fit these GPUs and this driver?
#include <optional>

#include "commands/fleet_option.h"
#include "commands/index_map.h"
#include "commands/knowledge_option.h"
#include "commands/machine_options.h"
#include "commands/requirements.h"
#include "commands/targets.h"
#include "judge/driver_range.h"
#include "model/summary.h"
#include "render/render.h"

namespace cufit::commands {

namespace {

/// One machine, or the groups of a fleet.
struct Asked {
  GivenMachine machine = {};
  std::optional<GivenFleet> fleet = {};
};

std::expected<Asked, Complaint> asked(const Invocation& invocation, const Knowledge& knowledge) {
  if (!invocation.has("fleet")) {
    auto machine = given_machine(invocation, knowledge);
    if (!machine) return std::unexpected(machine.error());
    return Asked{std::move(*machine)};
  }
  for (auto& option : invocation.command().options)
    if (option.of_machine && invocation.has(option.name))
      return complain({"fleet.not-with", {{"option", std::string(option.name)}}}, {{"fleet.not-with-hint"}});
  auto fleet = given_fleet(invocation, knowledge);
  if (!fleet) return std::unexpected(fleet.error());
  return Asked{{}, std::move(*fleet)};
}

std::vector<Machine> machines_of(const Asked& asked) {
  if (!asked.fleet) return {asked.machine.machine};
  std::vector<Machine> machines;
  for (auto& group : asked.fleet->groups) machines.push_back(group.group.machine);
  return machines;
}

Report judged(Asked asked, std::vector<Subject> subjects, const Knowledge& knowledge) {
  if (asked.fleet) {
    auto report = judge_fleet(std::move(asked.fleet->groups), std::move(subjects), knowledge);
    report.unread = std::move(asked.fleet->unread);
    return report;
  }
  auto& given = asked.machine;
  World world{std::move(given.machine), std::move(subjects)};
  return given.driver_up_to ? judge_between(world, *given.driver_up_to, knowledge) : judge(world, knowledge);
}

std::string rendered(const Report& report, const Invocation& invocation) {
  auto options = invocation.render_options();
  if (invocation.json()) return render::to_json(report, invocation.lang(), options.fail_on);
  auto format = invocation.value("format");
  if (format == "sarif") return render::to_sarif(report, options);
  if (format == "junit") return render::to_junit(report, options);
  if (format == "html") return render::to_html(report, options);
  return render::to_text(report, options);
}

}  // namespace

Outcome check(const Invocation& invocation) {
  if (invocation.operands().empty() && !invocation.has("requirement") && !invocation.has("root"))
    return complain({"usage.operand-missing", {{"operands", std::string(invocation.command().operands)}}},
                    {{"check.what-is-a-target"}, try_help(&invocation.command())});
  auto knowledge = knowledge_for(invocation);
  if (!knowledge) return std::unexpected(knowledge.error());
  auto given = asked(invocation, *knowledge);
  if (!given) return std::unexpected(given.error());
  auto index = IndexMap::from(invocation);
  if (!index) return std::unexpected(index.error());
  auto read = read_targets(invocation, *knowledge, machines_of(*given));
  if (!read) return std::unexpected(read.error());
  auto& targets = *read;
  if (auto ok = some_could_be_read(targets, invocation); !ok) return std::unexpected(ok.error());

  auto report = judged(std::move(*given), std::move(targets.subjects), *knowledge);
  report.command = "check";
  for (auto& [subject, notes] : targets.notes) add_notes(report, subject, notes);
  report.unread.insert(report.unread.end(), targets.unread.begin(), targets.unread.end());

  index->apply(report);

  return Output{rendered(report, invocation), summarize(report, invocation.render_options().fail_on).exit};
}

}  // namespace cufit::commands
