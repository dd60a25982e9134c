#include "judge/jit.h"

namespace cufit {

JitSettings jit_settings(const std::map<std::string, std::string>& env) {
  auto read = [&](const char* newer, const char* older, bool zero_acts) -> JitSwitch {
    if (auto v = env.find(newer); v != env.end()) return {v->second == "1" ? Answer::yes : Answer::no, newer};
    auto v = env.find(older);
    if (v == env.end()) return {};
    // CUDA_DISABLE_JIT=0 was seen to disable; other values of the older variables were not tried.
    if (v->second == "1" || (zero_acts && v->second == "0")) return {Answer::yes, older};
    return {Answer::unknown, older};
  };
  return {read("CUDA_FORCE_PTX_JIT", "CUDA_FORCE_JIT", false),
          read("CUDA_DISABLE_PTX_JIT", "CUDA_DISABLE_JIT", true)};
}

}  // namespace cufit
