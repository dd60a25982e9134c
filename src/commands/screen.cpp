// cufit by itself: this machine on one screen, and what each environment on it can do.
#include <algorithm>

#include "commands/asked_machine.h"
#include "commands/knowledge_option.h"
#include "commands/loads.h"
#include "commands/progress.h"
#include "commands/report_output.h"
#include "commands/targets.h"

namespace cufit::commands {

namespace {

/// More are listed by name: reading one for the first time takes a fifth of a second.
constexpr size_t kMostRead = 8;

/// The environments with packages that use GPUs, the active one first.
std::vector<std::string> to_read(const Observed& seen, const std::string& root) {
  std::vector<std::string> paths;
  for (auto& e : seen.environments)
    if (!e.frameworks.empty() && paths.size() < kMostRead) paths.push_back(root + e.root);
  return paths;
}

}  // namespace

Outcome screen(const Invocation& invocation) {
  auto knowledge = knowledge_for(invocation);
  if (!knowledge) return std::unexpected(knowledge.error());
  auto asked = asked_machine(invocation, *knowledge);
  if (!asked) return std::unexpected(asked.error());
  auto& looked = *asked->looked;
  if (!looked.world.observed) return complain({"recorded.not-observed"});

  Targets targets;
  if (looked.recorded) {
    targets.subjects = looked.world.subjects;
  } else {
    collect::Progress progress;
    auto options = reading_options(invocation, progress);
    options.system = looked.root();
    ProgressLine line(progress, invocation.io(), invocation.lang());
    read_paths(to_read(*looked.world.observed, looked.root()), options, *knowledge, targets);
  }
  auto loads = loads_of_subjects(targets.subjects, looked, *knowledge);
  looked.take_files();
  strip_root(targets.subjects, looked.root());
  auto world = asked->world(std::move(targets.subjects));
  world.loads = loads;
  auto report = judge_as_seen(world, *knowledge);
  report.command = "screen";
  report.observed = std::move(world.observed);
  std::ranges::move(looked.unread, std::back_inserter(report.unread));
  std::ranges::move(targets.unread, std::back_inserter(report.unread));
  return output_of(report, invocation);
}

}  // namespace cufit::commands
