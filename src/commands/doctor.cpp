// cufit doctor: driver, framework, runtime and proof of this machine, root cause first.
#include <future>

#include "commands/asked_machine.h"
#include "commands/driver_question.h"
#include "commands/knowledge_option.h"
#include "commands/loads.h"
#include "commands/log_input.h"
#include "commands/log_messages.h"
#include "commands/message.h"
#include "commands/progress.h"
#include "commands/report_output.h"
#include "commands/targets.h"
#include "commands/watch.h"
#include "judge/doctor_steps.h"
#include "judge/explain.h"
#include "judge/normal.h"

namespace cufit::commands {

namespace {

/// What was named, else the active environment.
std::vector<std::string> named_targets(const Invocation& invocation) {
  if (auto& named = invocation.operands(); !named.empty()) return {named.begin(), named.end()};
  auto active = active_environment(invocation.io());
  if (is_elsewhere(invocation) || active.empty()) return {};
  return {active};
}

/// Environments on the machine that use GPUs, where nothing was named. Of very many the first, which is said.
std::vector<std::string> found_targets(const LookedAt& looked, const Invocation& invocation) {
  constexpr size_t most = 8;
  std::vector<std::string> paths;
  for (auto& e : looked.world.observed->environments)
    if (!e.frameworks.empty()) paths.push_back(looked.root() + e.root);
  if (paths.size() <= most) return paths;
  if (!invocation.has("quiet") && !invocation.has("watch"))
    say(Message::note,
        {"doctor.more-environments", {{"n", std::to_string(paths.size() - most)}, {"path", paths[most]}}},
        invocation.lang(), invocation.io());
  paths.resize(most);
  return paths;
}

/// `root`: the folder that is the root file system of the targets; empty: this machine's.
Targets read_all(const Invocation& invocation, const std::vector<std::string>& paths, const std::string& root,
                 const Knowledge& knowledge) {
  Targets targets;
  collect::Progress progress;
  auto options = reading_options(invocation, progress);
  options.system = root;
  ProgressLine line(progress, invocation.io(), invocation.lang());
  read_paths(paths, options, knowledge, targets);
  return targets;
}

struct Looked {
  AskedMachine machine;
  Targets targets;
};

/// The machine, and what is to run on it. On this machine both are read at once: they take as long, and
/// neither needs the other.
std::expected<Looked, Complaint> look(const Invocation& invocation, const Knowledge& knowledge) {
  auto named = named_targets(invocation);
  std::future<Targets> reading;
  if (!named.empty() && !is_elsewhere(invocation))
    reading = std::async(std::launch::async, [&] { return read_all(invocation, named, "", knowledge); });
  auto asked = asked_machine(invocation, knowledge);
  if (!asked) return std::unexpected(asked.error());
  auto& looked = *asked->looked;
  if (!looked.world.observed) return complain({"recorded.not-observed"});
  Targets targets;
  if (reading.valid())
    targets = reading.get();
  else if (looked.recorded && named.empty())
    targets.subjects = looked.world.subjects;
  else
    targets = read_all(invocation, named.empty() ? found_targets(looked, invocation) : named, looked.root(),
                       knowledge);
  if (auto ok = some_could_be_read(targets, invocation); !ok && !invocation.operands().empty())
    return std::unexpected(ok.error());
  // Also as JSON: a name with a slip in it is no machine that works.
  if (targets.subjects.empty() && !targets.unread.empty() && !invocation.operands().empty())
    return complain({"target.failed",
                     {{"path", targets.unread.front().path},
                      {"error", render::phrase(targets.unread.front().what, invocation.lang())}}});
  return Looked{std::move(*asked), std::move(targets)};
}

/// What the driver answered when the recording was made. What it did with packages says nothing of others.
std::optional<Probed> answers_of(const LookedAt& recorded, const std::vector<Subject>& subjects) {
  auto probed = recorded.world.probed;
  if (!probed || subjects == recorded.world.subjects) return probed;
  probed->python.clear();
  for (auto& gpu : probed->cuda.gpus)
    std::erase_if(gpu.proofs, [](auto& proof) { return proof.what == Proof::What::image; });
  return probed;
}

/// What --log names; nothing if it is not given.
std::expected<std::optional<Log>, Complaint> given_log(const Invocation& invocation,
                                                       const Knowledge& knowledge) {
  if (!invocation.has("log")) return std::nullopt;
  auto messages = log_messages(knowledge);
  if (!messages) return complain({"explain.bad-form", {{"what", messages.error().to_string()}}});
  auto log = read_log_file(std::string(invocation.value("log")), *messages);
  if (!log) return std::unexpected(log.error());
  return std::move(*log);
}

/// What the log shows stands behind what the machine shows. It was one run: what the machine does not show is
/// no fault of it now.
void add_log(Log log, const World& world, const Knowledge& knowledge, Report& report) {
  auto explained = cufit::explain(std::move(log), &world, true, knowledge);
  report.log = std::move(explained.log);
  for (auto& f : explained.findings) {
    f.severity = "info";
    report.findings.push_back(std::move(f));
  }
}

}  // namespace

std::expected<Report, Complaint> examine(const Invocation& invocation, const Knowledge& knowledge) {
  auto log = given_log(invocation, knowledge);
  if (!log) return std::unexpected(log.error());
  auto question = DriverQuestion::begin(invocation);
  if (!question) return std::unexpected(question.error());
  auto all = look(invocation, knowledge);
  if (!all) return std::unexpected(all.error());
  auto& looked = *all->machine.looked;
  auto& targets = all->targets;
  auto loads = loads_of_subjects(targets.subjects, looked, knowledge);
  looked.take_files();
  auto probed = looked.recorded ? answers_of(looked, targets.subjects)
                                : question->finish(targets.subjects, looked.world.machine, knowledge);
  strip_root(targets.subjects, looked.root());
  auto world = all->machine.world(std::move(targets.subjects));
  world.loads = std::move(loads);
  world.probed = std::move(probed);
  auto report = judge_as_seen(world, knowledge);
  if (*log) add_log(std::move(**log), world, knowledge, report);
  if (invocation.has("normal") && world.probed) report.normal = what_is_normal(*world.probed);
  report.command = "doctor";
  report.observed = std::move(world.observed);
  report.steps = doctor_steps(report);
  std::ranges::move(looked.unread, std::back_inserter(report.unread));
  std::ranges::move(targets.unread, std::back_inserter(report.unread));
  return report;
}

Outcome doctor(const Invocation& invocation) {
  auto knowledge = knowledge_for(invocation);
  if (!knowledge) return std::unexpected(knowledge.error());
  if (invocation.has("watch")) return watch(invocation, *knowledge);
  auto report = examine(invocation, *knowledge);
  if (!report) return std::unexpected(report.error());
  return output_of(*report, invocation);
}

}  // namespace cufit::commands
