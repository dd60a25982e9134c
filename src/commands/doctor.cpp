// cufit doctor: driver, framework, runtime and proof of this machine, root cause first.
#include <algorithm>
#include <chrono>
#include <future>
#include <memory>
#include <set>

#include "base/number.h"
#include "collect/probe.h"
#include "collect/proof_image.h"
#include "collect/python_proof.h"
#include "commands/asked_machine.h"
#include "commands/knowledge_option.h"
#include "commands/loads.h"
#include "commands/machine_options.h"
#include "commands/progress.h"
#include "commands/report_output.h"
#include "commands/takes.h"
#include "commands/targets.h"
#include "commands/watch.h"
#include "judge/doctor_steps.h"
#include "judge/normal.h"

namespace cufit::commands {

namespace {

/// More subjects prove nothing more about the driver, and each costs a read.
constexpr size_t most_images = 16;

std::expected<std::chrono::milliseconds, Complaint> deadline_of(const Invocation& invocation) {
  if (!invocation.has("deadline")) return collect::ProbeOptions().all;
  auto text = invocation.value("deadline");
  auto seconds = whole_number<uint32_t>(text);
  constexpr uint32_t most = 3600;
  if (!seconds || *seconds == 0 || *seconds > most)
    return complain({"doctor.bad-deadline", {{"value", std::string(text)}}});
  return std::chrono::seconds(*seconds);
}

/// Another machine than this one cannot be asked.
bool is_elsewhere(const Invocation& invocation) {
  return invocation.has("machine") || (invocation.has("root") && invocation.value("root") != "/");
}

/// Null where nobody can be asked.
std::expected<std::unique_ptr<collect::Probe>, Complaint> started_probe(const Invocation& invocation) {
  if (is_elsewhere(invocation)) return nullptr;
  auto given = given_env(invocation);
  if (!given) return std::unexpected(given.error());
  auto deadline = deadline_of(invocation);
  if (!deadline) return std::unexpected(deadline.error());
  collect::ProbeOptions options;
  options.env = invocation.io().variables();
  for (auto& [name, value] : *given) options.env[name] = value;
  options.all = *deadline;
  // Who gives more time means a driver that takes it.
  options.call = invocation.has("deadline") ? options.all : std::min(options.call, options.all);
  options.init = invocation.value("proof") != "none";
  return std::make_unique<collect::Probe>(std::move(options));
}

/// What was named, else the active environment.
std::vector<std::string> named_targets(const Invocation& invocation) {
  if (auto& named = invocation.operands(); !named.empty()) return {named.begin(), named.end()};
  auto active = active_environment(invocation.io());
  if (is_elsewhere(invocation) || active.empty()) return {};
  return {active};
}

/// Environments on the machine that use GPUs, where nothing was named.
std::vector<std::string> found_targets(const LookedAt& looked) {
  constexpr size_t most = 8;
  std::vector<std::string> paths;
  for (auto& e : looked.world.observed->environments)
    if (!e.frameworks.empty() && paths.size() < most) paths.push_back(looked.root() + e.root);
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
    targets = read_all(invocation, named.empty() ? found_targets(looked) : named, looked.root(), knowledge);
  if (auto ok = some_could_be_read(targets, invocation); !ok && !invocation.operands().empty())
    return std::unexpected(ok.error());
  // Also as JSON: a name with a slip in it is no machine that works.
  if (targets.subjects.empty() && !targets.unread.empty() && !invocation.operands().empty())
    return complain({"target.failed",
                     {{"path", targets.unread.front().path},
                      {"error", render::phrase(targets.unread.front().what, invocation.lang())}}});
  return Looked{std::move(*asked), std::move(targets)};
}

/// Of each framework and extension one image that this GPU takes.
std::vector<collect::ProofImage> images_for(const CudaGpu& seen, const std::vector<Subject>& subjects,
                                            const Machine& machine, const Knowledge& knowledge) {
  std::vector<collect::ProofImage> images;
  Gpu gpu;
  gpu.sm = seen.sm;
  auto place = place_of(knowledge, machine, gpu);
  if (!place) return images;
  for (auto& s : subjects) {
    if (!has_own_code(s) || images.size() == most_images) continue;
    if (auto found = collect::image_to_prove(s, takes_at(*place))) images.push_back(std::move(found->image));
  }
  return images;
}

/// What each interpreter of the environments that were read does with its framework.
std::vector<PythonProof> proofs_by_python(const std::vector<Subject>& subjects, const Variables& env) {
  std::vector<PythonProof> proofs;
  std::set<std::string> asked;  // several distributions are one module: jax-cuda13-plugin, jaxlib
  for (auto& s : subjects) {
    auto module = collect::framework_module(s.name);
    if (!module || s.environment.empty() || !asked.insert(s.environment + ' ' + std::string(*module)).second)
      continue;
    collect::PythonQuestion question;
    question.environment = s.environment;
    question.module = *module;
    question.framework = s.name + ' ' + s.version;
    question.env = env;
    question.interpreter = collect::interpreter_of(s.environment, collect::python_version_of(s));
    proofs.push_back(collect::prove_by_python(question));
  }
  return proofs;
}

}  // namespace

std::expected<Report, Complaint> examine(const Invocation& invocation, const Knowledge& knowledge) {
  auto probe = started_probe(invocation);
  if (!probe) return std::unexpected(probe.error());
  auto all = look(invocation, knowledge);
  if (!all) return std::unexpected(all.error());
  auto& looked = *all->machine.looked;
  auto& targets = all->targets;
  auto loads = loads_of_subjects(targets.subjects, looked, knowledge);
  looked.take_files();
  auto probed = looked.world.probed;
  if (*probe)
    probed = (*probe)->finish([&](const CudaGpu& gpu) {
      return images_for(gpu, targets.subjects, looked.world.machine, knowledge);
    });
  if (*probe && invocation.value("proof") == "python") {
    // A GPU in exclusive mode takes the next process when the last one is gone.
    collect::Probe::wait_for_release(std::chrono::seconds(1));
    probed->python = proofs_by_python(targets.subjects, looked.env());
  }
  strip_root(targets.subjects, looked.root());
  auto world = all->machine.world(std::move(targets.subjects));
  world.loads = std::move(loads);
  world.probed = std::move(probed);
  auto report = judge_as_seen(world, knowledge);
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
