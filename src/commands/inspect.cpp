// cufit inspect: the GPU code in files, without a verdict.
#include <algorithm>

#include "commands/knowledge_option.h"
#include "commands/loads.h"
#include "commands/report_output.h"
#include "commands/targets.h"

namespace cufit::commands {

namespace {

/// A recording answers for the files that were looked at when it was made, and for no others.
bool lacks_files(const LookedAt& looked, const std::vector<Loads>& loads) {
  auto is_unknown = [](const Load& load) { return load.found == Found::unknown; };
  return looked.recorded &&
         std::ranges::all_of(loads, [&](auto& of) { return std::ranges::all_of(of.loads, is_unknown); });
}

}  // namespace

Outcome inspect(const Invocation& invocation) {
  auto knowledge = knowledge_for(invocation);
  if (!knowledge) return std::unexpected(knowledge.error());
  auto read = read_targets(invocation, *knowledge);
  if (!read) return std::unexpected(read.error());
  auto& targets = *read;
  std::optional<LookedAt> looked;
  if (invocation.has("libs") || invocation.has("machine")) {
    auto at = LookedAt::from(invocation, *knowledge);
    if (!at) return std::unexpected(at.error());
    looked = std::move(*at);
    if (looked->recorded && invocation.operands().empty()) targets.subjects = looked->world.subjects;
  }
  if (auto ok = some_could_be_read(targets, invocation); !ok) return std::unexpected(ok.error());

  Report report;
  if (invocation.has("libs")) {
    report.loads = loads_of_subjects(targets.subjects, *looked, *knowledge);
    if (lacks_files(*looked, report.loads)) return Output{"", 3, Complaint{{"loads.not-recorded"}}};
    if (report.loads.empty()) return complain({"loads.none"});
    report.machine = looked->world.machine;
  }
  report.command = "inspect";
  report.knowledge = knowledge->date();
  report.subjects = std::move(targets.subjects);
  report.unread = std::move(targets.unread);
  return output_of(report, invocation);
}

}  // namespace cufit::commands
