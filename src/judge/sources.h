// Documents that several rules rest on.
#pragma once

#include <string_view>

namespace cufit::source {

inline constexpr std::string_view programming_guide = "https://docs.nvidia.com/cuda/cuda-programming-guide/";
inline constexpr std::string_view environment =
    "https://docs.nvidia.com/cuda/cuda-programming-guide/05-appendices/environment-variables.html";
inline constexpr std::string_view lazy_loading =
    "https://docs.nvidia.com/cuda/cuda-programming-guide/04-special-topics/lazy-loading.html";
inline constexpr std::string_view ada_guide = "https://docs.nvidia.com/cuda/ada-compatibility-guide/";
inline constexpr std::string_view ptx_manual =
    "https://docs.nvidia.com/cuda/parallel-thread-execution/#release-notes";
inline constexpr std::string_view minor_version =
    "https://docs.nvidia.com/deploy/cuda-compatibility/minor-version-compatibility.html";
inline constexpr std::string_view compatibility_faq =
    "https://docs.nvidia.com/deploy/cuda-compatibility/frequently-asked-questions.html";
inline constexpr std::string_view release_notes =
    "https://docs.nvidia.com/cuda/cuda-toolkit-release-notes/index.html";
inline constexpr std::string_view nvcc = "https://docs.nvidia.com/cuda/cuda-compiler-driver-nvcc/";
inline constexpr std::string_view driver_matrix =
    "https://docs.nvidia.com/datacenter/tesla/drivers/cuda-toolkit-driver-and-architecture-matrix.html";
inline constexpr std::string_view jetson = "https://docs.nvidia.com/jetson/";
inline constexpr std::string_view cuda_headers =
    "CUDA Toolkit 13.5 include/cuda.h and include/driver_types.h";
inline constexpr std::string_view measured =
    "measured on an H100 with driver 580.159.04 and programs of toolkits 9.1 to 13.5, 2026-11";

}  // namespace cufit::source
