#include "collect/gpu_packages.h"

#include <algorithm>
#include <iterator>

namespace cufit::collect {
namespace {

struct Package {
  std::string_view name;  ///< a '*' at the end stands for any rest
  bool has_libraries = false;
  bool is_told = true;

  bool is(std::string_view other) const {
    return name.ends_with('*') ? other.starts_with(name.substr(0, name.size() - 1)) : other == name;
  }
};

constexpr bool libraries = true, only_libraries = false;

/// In the order in which they are told.
constexpr Package packages[] = {
    {"torch", libraries},
    {"tensorflow", libraries},
    {"tensorflow-gpu"},
    {"tf-nightly"},
    {"jax"},
    {"jaxlib", libraries},
    {"jax-cuda11-*", libraries},
    {"jax-cuda12-*", libraries},
    {"jax-cuda13-*", libraries},
    {"cupy", libraries},
    {"cupy-cuda*", libraries},
    {"paddlepaddle-gpu", libraries},
    {"onnxruntime-gpu", libraries},
    {"tensorrt"},
    {"tensorrt-llm"},
    {"vllm"},
    {"sglang"},
    {"flash-attn"},
    {"flash-attn-3"},
    {"flashinfer-*"},
    {"xformers"},
    {"bitsandbytes"},
    {"triton", libraries},
    {"deepspeed"},
    {"torchvision"},
    {"torchaudio"},
    {"numba-cuda"},
    {"llama-cpp-python"},

    {"nvidia-*", libraries, only_libraries},
    {"cuda-*", libraries, only_libraries},
    {"cudatoolkit", libraries, only_libraries},
    {"tensorrt-libs", libraries, only_libraries},
    {"tensorrt-cu12-libs", libraries, only_libraries},
    {"tensorrt-cu13-libs", libraries, only_libraries},
    {"pytorch-triton", libraries, only_libraries},
    // Names that only conda has.
    {"pytorch", libraries, only_libraries},
    {"libtorch", libraries, only_libraries},
    {"libcublas", libraries, only_libraries},
    {"libcudnn", libraries, only_libraries},
    {"libcudss", libraries, only_libraries},
    {"libcufft", libraries, only_libraries},
    {"libcufile", libraries, only_libraries},
    {"libcurand", libraries, only_libraries},
    {"libcusolver", libraries, only_libraries},
    {"libcusparse", libraries, only_libraries},
    {"libcusparselt", libraries, only_libraries},
    {"libnpp", libraries, only_libraries},
    {"libnvjitlink", libraries, only_libraries},
    {"libnvjpeg", libraries, only_libraries},
    {"cudnn", libraries, only_libraries},
    {"cusparselt", libraries, only_libraries},
    {"cutensor", libraries, only_libraries},
    {"nccl", libraries, only_libraries},
};

}  // namespace

std::optional<size_t> rank_of_framework(std::string_view name) {
  auto found = std::ranges::find_if(packages, [&](auto& p) { return p.is_told && p.is(name); });
  return found == std::end(packages) ? std::nullopt : std::optional(size_t(found - std::begin(packages)));
}

bool may_bring_cuda_libraries(std::string_view name) {
  if (name.ends_with("-dev")) name.remove_suffix(4);  // conda
  return std::ranges::any_of(packages, [&](auto& p) { return p.has_libraries && p.is(name); });
}

}  // namespace cufit::collect
