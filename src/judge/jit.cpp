#include "judge/jit.h"

#include "judge/number.h"

namespace cufit {

JitSettings jit_settings(const std::map<std::string, std::string>& env) {
  auto read = [&](const char* newer, const char* older) -> JitSwitch {
    auto named = env.contains(newer) ? newer : older;
    auto v = env.find(named);
    if (v == env.end()) return {};
    return {driver_number(v->second) == 1, named};
  };
  return {read("CUDA_FORCE_PTX_JIT", "CUDA_FORCE_JIT"), read("CUDA_DISABLE_PTX_JIT", "CUDA_DISABLE_JIT")};
}

}  // namespace cufit
