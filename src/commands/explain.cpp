// cufit explain: the root cause that a log shows, checked against the machine, and what helps.
#include "judge/explain.h"

#include "collect/gpu_signs.h"
#include "commands/asked_machine.h"
#include "commands/knowledge_option.h"
#include "commands/log_input.h"
#include "commands/log_messages.h"
#include "commands/report_output.h"

namespace cufit::commands {

namespace {

/// With --follow: the likeliest cause, whenever it becomes another one or surer.
class Candidates {
 public:
  Candidates(const Invocation& invocation, const Knowledge& k) : invocation_(invocation), k_(k) {}

  void tell(const Log& so_far) {
    auto report = cufit::explain(so_far, nullptr, false, k_);
    if (report.findings.empty()) return;
    auto& f = report.findings.front();
    if (f.cause == cause_ && f.confidence == confidence_) return;
    cause_ = f.cause;
    confidence_ = f.confidence;
    auto line = render::one_line_of_cause(report, invocation_.render_options()) + '\n';
    // What is passed through, and JSON, have stdout for themselves.
    if (invocation_.has("tee") || invocation_.json())
      invocation_.io().err(line);
    else
      invocation_.io().out(line);
  }

 private:
  const Invocation& invocation_;
  const Knowledge& k_;
  std::string cause_, confidence_;
};

/// The machine that was looked at, if that went well: a log can be explained without one.
std::expected<World, Complaint> machine_of(const Invocation& invocation, const Knowledge& knowledge) {
  auto asked = asked_machine(invocation, knowledge);
  if (!asked) return std::unexpected(asked.error());
  asked->looked->take_files();
  return asked->world({});
}

}  // namespace

Outcome explain(const Invocation& invocation) {
  auto knowledge = knowledge_for(invocation);
  if (!knowledge) return std::unexpected(knowledge.error());
  auto messages = log_messages(*knowledge);
  if (!messages) return complain({"explain.bad-form", {{"what", messages.error().to_string()}}});
  Candidates candidates(invocation, *knowledge);
  auto log = read_log(invocation, *messages, [&](const Log& so_far) { candidates.tell(so_far); });
  if (!log) return std::unexpected(log.error());
  std::optional<World> world;
  // Where nothing is blamed, and where there can be no GPU, no machine is asked.
  bool named = invocation.has("machine"), blames = !log->sightings.empty();
  bool has_gpu = named || !blames || collect::may_have_gpu();
  if (named || (blames && has_gpu)) {
    auto machine = machine_of(invocation, *knowledge);
    if (!machine) return std::unexpected(machine.error());
    world = std::move(*machine);
  }
  auto report = cufit::explain(std::move(*log), world ? &*world : nullptr, named, *knowledge);
  if (!has_gpu && !report.findings.empty()) report.log->machine = {"explain.machine-without-gpu"};
  report.command = "explain";
  auto output = output_of(report, invocation);
  if (!invocation.has("tee")) return output;
  invocation.io().err(output.text);
  return Output{"", output.exit};
}

}  // namespace cufit::commands
