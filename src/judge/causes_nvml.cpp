// Where NVML cannot be asked: it is not there, or refuses.
#include "judge/call_causes.h"
#include "judge/driver_answers.h"

namespace cufit {

namespace {

/// NVML met another version of the kernel driver, or no driver (nvmlReturn_t in nvml.h).
namespace nvml_error {
constexpr uint32_t gpu_is_lost = 15, mismatch = 18;
}

const char* const asked_nvml = "probed.nvml.asking";

/// The library that was loaded has not the function with which all begins.
bool lacks_init(const NvmlAnswers& nvml) {
  auto* why = std::get_if<Unreadable>(&nvml.init.is);
  return why && why->why == "no symbol";
}

/// What NVML counts and cannot be asked about: a GPU that is lost is no GPU for anybody.
void find_lost(const MachineView& v, std::vector<FoundCause>& out) {
  auto& nvml = v.facts.probed->nvml;
  for (auto& gpu : nvml.gpus)
    for (auto* name : {"nvmlDeviceGetHandleByIndex_v2", "nvmlDeviceGetHandleByIndex"}) {
      auto* call = call_of(nvml.asking, name, std::to_string(gpu.index));
      if (!call || !call->code || *call->code == 0) continue;
      bool lost = *call->code == nvml_error::gpu_is_lost;
      Text text = {lost ? "cause.gpu-fallen-off-bus.called" : "cause.nvml-fails.of-gpu",
                   {{"gpu", name_of(gpu, nvml)}, {"call", name}, {"code", std::to_string(*call->code)}}};
      if (has(out, lost ? "gpu-fallen-off-bus" : "nvml-fails")) continue;
      if (!lost) {
        out.push_back(found(v.facts, "nvml-fails", std::move(text), {asked_nvml}));
        continue;
      }
      // Whose it is mostly nobody can tell: it has neither name nor address any more.
      auto cause = found(v.facts, "gpu-fallen-off-bus", std::move(text), {asked_nvml});
      if (auto id = v.gpu_of(gpu)) cause.gpus = {*id};
      out.push_back(std::move(cause));
    }
}

}  // namespace

void find_failed_nvml(const MachineView& v, std::vector<FoundCause>& out) {
  auto& nvml = v.facts.probed->nvml;
  bool works = cuda_works(*v.facts.probed);
  find_lost(v, out);
  // What the files show of it explains its end as well.
  if (!has(out, "nvml-missing")) find_end(v, nvml, asked_nvml, "libnvidia-ml.so.1", false, out);
  auto add = [&](const char* id, Text text) {
    if (has(out, id)) return;
    auto cause = found(v.facts, id, std::move(text), {asked_nvml});
    if (works) cause.severity = Severity::warning;
    out.push_back(std::move(cause));
  };
  if (nvml.asking.end == Asking::End::no_library && (works || v.module_loaded() == Answer::yes))
    return add("nvml-missing", {"cause.nvml-missing.called", {{"error", nvml.asking.how}}});
  if (works && lacks_init(nvml))
    return add("nvml-missing", {"cause.nvml-missing.no-function",
                                {{"path", nvml.asking.library}, {"call", nvml.init.from.where}}});
  // Where CUDA was asked and does not work, why it does not says more.
  bool asked = !is_absent(v.facts.probed->cuda.init);
  if (!nvml.init || *nvml.init == 0 || (asked && !works)) return;
  auto code = *nvml.init;
  Text text = {works ? "evidence.nvml-failed" : "evidence.nvml-failed-alone",
               {{"call", nvml.init.from.where}, {"code", std::to_string(code)}}};
  add(code == nvml_error::mismatch ? "nvml-driver-library-mismatch" : "nvml-fails", std::move(text));
}

}  // namespace cufit
