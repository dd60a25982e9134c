// Where NVML cannot be asked: it is not there, or refuses.
#include <algorithm>
#include <array>

#include "judge/call_causes.h"
#include "judge/driver_answers.h"

namespace cufit {

namespace {

/// NVML met another version of the kernel driver, or no driver (nvmlReturn_t in nvml.h).
namespace nvml_error {
constexpr uint32_t no_permission = 4, not_loaded = 9, gpu_is_lost = 15, mismatch = 18, unknown = 999;
}

const char* const asked_nvml = "probed.nvml.asking";

/// The library that was loaded has not the function with which all begins.
bool lacks_init(const NvmlAnswers& nvml) {
  auto* why = std::get_if<Unreadable>(&nvml.init.is);
  return why && why->why == "no symbol";
}

}  // namespace

void find_failed_nvml(const MachineView& v, std::vector<FoundCause>& out) {
  auto& nvml = v.facts.probed->nvml;
  bool works = cuda_works(*v.facts.probed);
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
  Text text = {"evidence.nvml-failed", {{"call", nvml.init.from.where}, {"code", std::to_string(code)}}};
  constexpr std::array fails = {nvml_error::not_loaded, nvml_error::no_permission, nvml_error::gpu_is_lost,
                                nvml_error::unknown};
  if (code == nvml_error::mismatch)
    add("nvml-driver-library-mismatch", std::move(text));
  else if (std::ranges::find(fails, code) != fails.end())
    add("nvml-fails", std::move(text));
}

}  // namespace cufit
