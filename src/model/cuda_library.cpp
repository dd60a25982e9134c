#include "model/cuda_library.h"

#include <algorithm>
#include <array>

namespace cufit {

bool is_cuda_library(std::string_view soname) {
  // Stems; what may follow is the end of the name or of a part of it: libcudnn_ops.so.9, libcublasLt.so.13.
  static constexpr std::array<std::string_view, 26> stems = {
      "libcuda",       "libcudart",   "libcublas", "libcublasLt", "libcudnn",      "libcufft",
      "libcufftw",     "libcufile",   "libcurand", "libcusolver", "libcusolverMg", "libcusparse",
      "libcusparseLt", "libcutensor", "libcupti",  "libnvrtc",    "libnvJitLink",  "libnvToolsExt",
      "libnvidia",     "libnvinfer",  "libnvjpeg", "libnvshmem",  "libnccl",       "libnpp",
      "libnvfatbin",   "libnvvm"};
  return std::ranges::any_of(stems, [&](std::string_view stem) {
    if (!soname.starts_with(stem)) return false;
    if (stem == "libnpp") return true;  // libnppc, libnppif, ...
    auto rest = soname.substr(stem.size());
    return rest.empty() || rest[0] == '.' || rest[0] == '-' || rest[0] == '_';
  });
}

}  // namespace cufit
