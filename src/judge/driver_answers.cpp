#include "judge/driver_answers.h"

#include <algorithm>

#include "judge/machine_view.h"

namespace cufit {

namespace {

const Proof* proof_of(const CudaGpu& gpu, Proof::What what) {
  auto at = std::ranges::find(gpu.proofs, what, &Proof::what);
  return at == gpu.proofs.end() ? nullptr : &*at;
}

/// A context was made there; where nothing was to be proved anywhere, that CUDA lists it has to do.
bool works(const CudaGpu& gpu, const CudaAnswers& cuda) {
  if (std::ranges::all_of(cuda.gpus, [](auto& g) { return g.proofs.empty(); })) return true;
  auto* context = proof_of(gpu, Proof::What::context);
  return context && context->code && *context->code == 0;
}

bool compiles_ptx(const Probed& probed) {
  return std::ranges::any_of(probed.cuda.gpus, [](auto& gpu) {
    auto* ptx = proof_of(gpu, Proof::What::ptx);
    return ptx && ptx->code && *ptx->code == 0;
  });
}

void drop_disproved(const MachineView& v, std::vector<FoundCause>& all) {
  auto& probed = *v.facts.probed;
  auto proven = gpus_proven(v);
  bool ptx = compiles_ptx(probed), nvml = nvml_works(probed);
  std::erase_if(all, [&](FoundCause& cause) {
    if (ptx && (cause.id == "ptx-jit-missing" || cause.id == "ptx-jit-disabled")) return true;
    bool of_nvml = cause.id == "nvml-missing" || cause.id == "nvml-driver-library-mismatch";
    if (nvml && of_nvml && cause.stage == Stage::none) return true;
    if (proven.empty() || !is_of_driver(cause)) return false;
    if (cause.gpus.empty()) return true;  // what is wrong for all is wrong for none
    std::erase_if(cause.gpus, [&](auto& id) { return std::ranges::find(proven, id) != proven.end(); });
    return cause.gpus.empty();
  });
}

/// Where the files show why programs stop, the driver's answer is the proof. Of causes that they leave open
/// the one that comes to this error is it. An error that names its own cause (802) is no proof of another.
void confirm(const MachineView& v, std::vector<FoundCause>& all) {
  auto& init = v.facts.probed->cuda.init;
  if (!init || *init == 0) return;
  auto code = int(*init);
  for (auto& cause : all) {
    if (!is_of_driver(cause) || !cause.gpus.empty()) continue;
    if (!may_come_from(cause, *init)) {
      // The driver met something else before: this one is still to come, or never met.
      cause.stage = Stage::none;
      cause.severity = Severity::warning;
      continue;
    }
    if (cause.answer == Answer::unknown && cause.code == code) {
      cause.answer = Answer::yes;
      cause.confidence = Confidence::high;
      cause.why.says = Verdict::unfit;
    }
    if (cause.answer != Answer::yes) continue;
    cause.why.facts.push_back("probed.cuda.init");
    // Without a libcuda there is no such answer: the runtime says 35 of its own.
    if (cause.code != 35) cause.code = code;
  }
}

}  // namespace

bool is_of_driver(const FoundCause& cause) {
  return cause.stage != Stage::none && cause.stage != Stage::start && cause.subjects.empty();
}

std::vector<GpuId> gpus_proven(const MachineView& v) {
  auto& probed = *v.facts.probed;
  std::vector<GpuId> ids;
  if (!cuda_works(probed)) return ids;
  for (auto& gpu : probed.cuda.gpus)
    if (works(gpu, probed.cuda))
      if (auto id = v.gpu_of(gpu)) ids.push_back(*id);
  return ids;
}

void join_driver_answers(const MachineView& v, std::vector<FoundCause>& all) {
  drop_disproved(v, all);
  if (v.facts.changed_since) return;
  confirm(v, all);
  find_failed_calls(v, all);
  find_failed_proofs(v, all);
  find_failed_nvml(v, all);
  find_unwell_gpus(v, all);
  find_python_causes(v, all);
}

}  // namespace cufit
