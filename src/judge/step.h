// Step: what one stage of the decision says about a subject on a GPU, before the stages are joined.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "judge/rule.h"
#include "model/verdict.h"

namespace cufit {

/// What a stage found wrong, by the id that reports give it; `none` where nothing is wrong.
enum class Cause : uint8_t {
  none,
  driver_too_old_for_runtime,
  driver_older_than_gpu,
  legacy_gpu_dropped_by_driver,
  image_compression_unsupported,
  lacks_arch,  ///< split into too new, too old, extension and Jetson when it is reported
  ptx_newer_than_driver,
  ptx_jit_disabled,
  ptx_jit_forced,
  cuda_visible_devices_bad,
  compat_does_not_pair,
  compat_on_ineligible_gpu,
  container_requirement,
  host_does_not_match,
  glibc_too_old,
  runtime_compiler,      ///< code made at run time is refused by the driver
  runtime_compiler_old,  ///< the compiler does not know the GPU
  triton_old_gpu,
  cudnn_dropped_gpu,
  machine_fault,  ///< the rule of the evidence names it (judge/causes.h)
};

struct Step {
  Axis axis = Axis::not_asked;
  Evidence evidence;  ///< empty rule: nothing to say
  std::optional<Failure> fails;
  Cause cause = Cause::none;
  std::vector<Limit> limits;
  std::vector<Note> notes;
};

inline Evidence evidence(const Rule& rule, Verdict says, Text text, std::vector<FactRef> facts = {},
                         std::vector<RowRef> rows = {}) {
  return {std::string(rule.id), says, std::move(text), std::move(facts), std::move(rows), {}};
}

/// unfit before unknown before limited before fits; not_asked counts as fits.
inline Verdict verdict_of(Axis axis) {
  switch (axis) {
    case Axis::unfit:
      return Verdict::unfit;
    case Axis::unknown:
      return Verdict::unknown;
    case Axis::limited:
      return Verdict::limited;
    case Axis::fits:
    case Axis::not_asked:
      break;
  }
  return Verdict::fits;
}

}  // namespace cufit
