#include "judge/as_seen.h"

#include "knowledge/answered_machine.h"

namespace cufit {

void add_missing_gpu(Machine& machine) {
  if (machine.gpus.empty()) machine.gpus.push_back({"gpu0", {}, {}, {}, {}});
}

Report judge_as_seen(World world, const Knowledge& knowledge) {
  if (world.probed) take_answers(world.machine, *world.probed, knowledge);
  bool none_seen = world.machine.gpus.empty();
  add_missing_gpu(world.machine);
  auto report = judge(world, knowledge);
  if (none_seen) report.machine.gpus.clear();
  return report;
}

}  // namespace cufit
