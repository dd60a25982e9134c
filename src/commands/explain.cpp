// cufit explain: the root cause that a log shows, and what helps.
#include "judge/explain.h"

#include "commands/knowledge_option.h"
#include "commands/log_input.h"
#include "commands/log_messages.h"
#include "commands/report_output.h"

namespace cufit::commands {

Outcome explain(const Invocation& invocation) {
  auto knowledge = knowledge_for(invocation);
  if (!knowledge) return std::unexpected(knowledge.error());
  auto messages = log_messages(*knowledge);
  if (!messages) return complain({"failed.unexpected", {{"what", messages.error().to_string()}}});
  auto log = read_log(invocation, *messages);
  if (!log) return std::unexpected(log.error());
  auto report = cufit::explain(std::move(*log), nullptr, *knowledge);
  report.command = "explain";
  return output_of(report, invocation);
}

}  // namespace cufit::commands
