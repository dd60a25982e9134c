#include "commands/driver_question.h"

#include <algorithm>
#include <chrono>
#include <set>

#include "base/number.h"
#include "collect/proof_image.h"
#include "collect/python_proof.h"
#include "commands/knowledge_option.h"
#include "commands/machine_options.h"
#include "commands/takes.h"

namespace cufit::commands {

namespace {

/// More subjects prove nothing more about the driver, and each costs a read.
constexpr size_t most_images = 64;

std::expected<std::chrono::milliseconds, Complaint> deadline_of(const Invocation& invocation) {
  if (!invocation.has("deadline")) return collect::ProbeOptions().all;
  auto text = invocation.value("deadline");
  auto seconds = whole_number<uint32_t>(text);
  constexpr uint32_t most = 3600;
  if (!seconds || *seconds == 0 || *seconds > most)
    return complain({"doctor.bad-deadline", {{"value", std::string(text)}}});
  return std::chrono::seconds(*seconds);
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
std::vector<PythonProof> proofs_by_python(const std::vector<Subject>& subjects, const Variables& env,
                                          std::optional<std::chrono::milliseconds> limit) {
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
    if (limit) question.limit = *limit;
    question.interpreter = collect::interpreter_of(s.environment, collect::python_version_of(s));
    proofs.push_back(collect::prove_by_python(question));
  }
  return proofs;
}

}  // namespace

bool is_elsewhere(const Invocation& invocation) {
  return invocation.has("machine") || (invocation.has("root") && invocation.value("root") != "/");
}

std::expected<DriverQuestion, Complaint> DriverQuestion::begin(const Invocation& invocation) {
  DriverQuestion question;
  if (is_elsewhere(invocation)) return question;
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
  question.env_ = options.env;
  question.by_python_ = invocation.value("proof") == "python";
  if (invocation.has("deadline")) question.python_limit_ = options.all;
  question.probe_ = std::make_unique<collect::Probe>(std::move(options));
  return question;
}

std::optional<Probed> DriverQuestion::finish(const std::vector<Subject>& subjects, const Machine& machine,
                                             const Knowledge& knowledge) {
  if (!probe_) return std::nullopt;
  auto probed =
      probe_->finish([&](const CudaGpu& gpu) { return images_for(gpu, subjects, machine, knowledge); });
  if (by_python_) {
    // A GPU in exclusive mode takes the next process when the last one is gone.
    collect::Probe::wait_for_release(std::chrono::seconds(1));
    probed.python = proofs_by_python(subjects, env_, python_limit_);
  }
  return probed;
}

}  // namespace cufit::commands
