// cufit pick: which published build of a package runs on these GPUs and this driver, and how to install it.
#include "judge/pick.h"

#include <algorithm>

#include "base/text.h"
#include "commands/asked_machine.h"
#include "commands/index_map.h"
#include "commands/invocation.h"
#include "commands/knowledge_option.h"
#include "commands/report_output.h"
#include "commands/requirements.h"
#include "render/labels.h"

namespace cufit::commands {

namespace {

std::expected<Want, Complaint> want_of(const std::string& operand, const IndexMap& index,
                                       const Knowledge& k) {
  auto requirement = Requirement::parse(operand);
  if (!requirement) return complain({"pick.no-requirement", {{"given", operand}}}, {{"pick.how"}});
  if (builds_of(k, requirement->name).empty()) {
    std::vector<std::string> known;
    for (auto& row : k.tables().builds)
      if (std::ranges::find(known, row.package) == known.end()) known.emplace_back(row.package);
    auto hints = did_you_mean(requirement->name, known);
    hints.push_back({"pick.known", {{"names", joined(known)}}});
    return complain({"pick.unknown-package", {{"name", requirement->name}}}, std::move(hints));
  }
  return Want{requirement->name, requirement->specifier, index.variant()};
}

}  // namespace

Outcome pick(const Invocation& invocation) {
  auto knowledge = knowledge_for(invocation);
  if (!knowledge) return std::unexpected(knowledge.error());
  auto asked = asked_machine(invocation, *knowledge);
  if (!asked) return std::unexpected(asked.error());
  auto& given = asked->given;
  if (std::ranges::none_of(given.machine.gpus, [](auto& g) { return bool(g.sm); }))
    return complain({"gpu.none-seen"}, {{"gpu.missing-hint"}});
  auto index = IndexMap::from(invocation);
  if (!index) return std::unexpected(index.error());
  std::vector<Want> wants;
  for (auto& operand : invocation.operands()) {
    auto want = want_of(operand, *index, *knowledge);
    if (!want) return std::unexpected(want.error());
    wants.push_back(std::move(*want));
  }
  auto report = cufit::pick(given.machine, given.driver_up_to, wants, *knowledge);
  const Text among_known[] = {{"pick.among-known"}};
  for (size_t i = 0; i < wants.size(); i++)
    if (!wants[i].specifier.exactly()) add_notes(report, report.subjects.at(i).id, among_known);
  index->apply(report);
  return output_of(report, invocation);
}

}  // namespace cufit::commands
