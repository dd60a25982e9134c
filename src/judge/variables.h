// The environment variables that rules ask for or explain. Others change no answer.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace cufit {

inline constexpr std::array<std::string_view, 9> judged_variables = {
    "BNB_CUDA_VERSION",     "CUDA_DISABLE_JIT",       "CUDA_DISABLE_PTX_JIT",
    "CUDA_FORCE_JIT",       "CUDA_FORCE_PTX_JIT",     "CUDA_MODULE_LOADING",  // LAZY-1
    "CUDA_VISIBLE_DEVICES", "NVIDIA_DISABLE_REQUIRE", "TRITON_PTXAS_PATH"};

/// Demands of container images: NVIDIA_REQUIRE_CUDA and any other name behind it.
inline constexpr std::string_view judged_prefix = "NVIDIA_REQUIRE_";

/// Those that matter only on a machine that was looked at: they say which libraries and GPUs programs get
/// there.
inline constexpr std::array<std::string_view, 5> machine_variables = {
    "CUDA_DEVICE_ORDER", "LD_LIBRARY_PATH", "LD_PRELOAD", "NVIDIA_DRIVER_CAPABILITIES",
    "NVIDIA_VISIBLE_DEVICES"};

inline bool is_machine_variable(std::string_view name) {
  return std::ranges::find(machine_variables, name) != machine_variables.end();
}

inline bool is_judged_variable(std::string_view name) {
  return name.starts_with(judged_prefix) ||
         std::ranges::find(judged_variables, name) != judged_variables.end();
}

}  // namespace cufit
