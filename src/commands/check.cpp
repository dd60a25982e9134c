// cufit check: do the targets fit these GPUs and this driver?
#include <optional>

#include "commands/asked_machine.h"
#include "commands/fleet_option.h"
#include "commands/index_map.h"
#include "commands/knowledge_option.h"
#include "commands/loads.h"
#include "commands/message.h"
#include "commands/process_target.h"
#include "commands/report_output.h"
#include "commands/requirements.h"
#include "commands/targets.h"
#include "judge/driver_range.h"

namespace cufit::commands {

namespace {

/// One machine, or the groups of a fleet.
struct Asked {
  AskedMachine machine = {};
  std::optional<GivenFleet> fleet = {};
};

std::expected<Asked, Complaint> asked(const Invocation& invocation, const Knowledge& knowledge) {
  if (!invocation.has("fleet")) {
    auto machine = asked_machine(invocation, knowledge);
    if (!machine) return std::unexpected(machine.error());
    return Asked{std::move(*machine)};
  }
  auto fleet = given_fleet(invocation, knowledge);
  if (!fleet) return std::unexpected(fleet.error());
  return Asked{{}, std::move(*fleet)};
}

std::vector<Machine> machines_of(const Asked& asked) {
  if (!asked.fleet) return {asked.machine.given.machine};
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
  auto& machine = asked.machine;
  std::vector<Loads> loads;
  if (machine.looked) {  // another driver or GPU changes no file
    loads = loads_of_subjects(subjects, *machine.looked, knowledge);
    machine.looked->take_files();
  }
  auto world = machine.world(std::move(subjects));
  world.loads = std::move(loads);
  auto report = machine.given.driver_up_to ? judge_between(world, *machine.given.driver_up_to, knowledge)
                                           : judge_as_seen(world, knowledge);
  report.observed = std::move(world.observed);
  return report;
}

/// By themselves, in a file, or all that lies below a folder.
bool names_targets(const Invocation& invocation) {
  return !invocation.operands().empty() || invocation.has("requirement") || invocation.has("root");
}

Outcome check_process(const Invocation& invocation) {
  if (!invocation.operands().empty()) return complain({"conflict.process-alone"});
  auto index = IndexMap::from(invocation);
  if (!index) return std::unexpected(index.error());
  auto knowledge = knowledge_for(invocation);
  if (!knowledge) return std::unexpected(knowledge.error());
  auto target = process_target(invocation, *knowledge);
  if (!target) return std::unexpected(target.error());
  auto& looked = target->looked;
  looked.take_files();
  looked.world.subjects.push_back(std::move(target->subject));
  looked.world.loads.push_back(std::move(target->loads));
  auto report = judge_as_seen(std::move(looked.world), *knowledge);
  report.command = "check";
  index->apply(report);
  return output_of(report, invocation);
}

}  // namespace

Outcome check(const Invocation& invocation) {
  if (invocation.has("pid")) return check_process(invocation);
  if (!names_targets(invocation) && !invocation.has("machine") && active_environment(invocation.io()).empty())
    return complain({"usage.operand-missing", {{"operands", "TARGET..."}}},
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

  // If nothing is named the question is about what was recorded with the machine.
  if (auto& looked = given->machine.looked; looked && looked->recorded && !names_targets(invocation))
    targets.subjects = looked->world.subjects;
  auto report = judged(std::move(*given), std::move(targets.subjects), *knowledge);
  report.command = "check";
  for (auto& [subject, notes] : targets.notes) add_notes(report, subject, notes);
  report.unread.insert(report.unread.end(), targets.unread.begin(), targets.unread.end());

  index->apply(report);
  return output_of(report, invocation);
}

}  // namespace cufit::commands
