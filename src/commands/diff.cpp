// cufit diff: what differs between two recorded machines, and which difference decides.
#include "commands/asked_machine.h"
#include "commands/knowledge_option.h"
#include "commands/looked_at.h"
#include "commands/report_output.h"
#include "judge/difference.h"
#include "judge/judge.h"

namespace cufit::commands {

Outcome diff(const Invocation& invocation) {
  auto knowledge = knowledge_for(invocation);
  if (!knowledge) return std::unexpected(knowledge.error());
  auto a = recorded_world(invocation.operands()[0], invocation.lang());
  if (!a) return std::unexpected(a.error());
  auto b = recorded_world(invocation.operands()[1], invocation.lang());
  if (!b) return std::unexpected(b.error());
  for (auto* world : {&*a, &*b})
    if (world->observed) add_missing_gpu(world->machine);
  // The report is about the second: what it comes to, and by which difference from the first.
  auto report = judge(*b, *knowledge);
  report.command = "diff";
  report.observed = b->observed;
  auto attribution = attribute(*a, *b, *knowledge);
  attribution.compared.a.name = invocation.operands()[0];
  attribution.compared.b.name = invocation.operands()[1];
  report.differences = std::move(attribution.differences);
  report.compared = std::move(attribution.compared);
  return output_of(report, invocation);
}

}  // namespace cufit::commands
