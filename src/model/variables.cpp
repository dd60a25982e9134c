#include "model/variables.h"

#include <algorithm>

namespace cufit {

namespace {

struct Row {
  std::string_view name;
  VariableUse use;
  bool begins = false;  ///< of every variable whose name begins like this
};

using enum VariableUse;

constexpr Row rows[] = {
    {"BNB_CUDA_VERSION", judged},
    {"CUDA_DISABLE_JIT", judged},
    {"CUDA_DISABLE_PTX_JIT", judged},
    {"CUDA_FORCE_JIT", judged},
    {"CUDA_FORCE_PTX_JIT", judged},
    {"CUDA_MODULE_LOADING", judged},  // LAZY-1
    {"CUDA_VISIBLE_DEVICES", judged},
    {"NVIDIA_DISABLE_REQUIRE", judged},
    {"TRITON_PTXAS_PATH", judged},
    // Demands of container images: NVIDIA_REQUIRE_CUDA and any other name behind it.
    {"NVIDIA_REQUIRE_", judged, true},

    {"CUDA_DEVICE_ORDER", machine},
    {"LD_LIBRARY_PATH", machine},
    {"LD_PRELOAD", machine},
    {"NVIDIA_DRIVER_CAPABILITIES", machine},
    {"NVIDIA_VISIBLE_DEVICES", machine},

    {"BNB_", found, true},
    {"CC", found},
    {"CONDA_OVERRIDE_CUDA", found},
    {"CONDA_PREFIX", found},
    {"CUBLAS_", found, true},
    {"CUDA_", found, true},
    {"CUDAHOSTCXX", found},
    {"CUDNN_", found, true},
    {"CUPY_", found, true},
    {"CXX", found},
    {"GLIBC_TUNABLES", found},
    {"HAMI_", found, true},
    {"JAX_", found, true},
    {"LD_AUDIT", found},
    {"LD_HWCAP_MASK", found},
    {"LIBCUDA_", found, true},  // HAMi
    {"NCCL_", found, true},
    {"NVIDIA_", found, true},
    {"NVRTC_", found, true},
    {"PYTHONNOUSERSITE", found},
    {"PYTHONPATH", found},
    {"PYTORCH_", found, true},
    {"TF_CUDA", found, true},
    {"TF_CUDNN", found, true},
    {"TF_FORCE_GPU", found, true},
    {"TF_GPU_", found, true},
    {"TF_XLA_", found, true},
    {"TORCH_", found, true},
    {"TORCHINDUCTOR_", found, true},
    {"TRITON_", found, true},
    {"VIRTUAL_ENV", found},
    {"VLLM_", found, true},
    {"XLA_", found, true},

    {"CONDA_", recorded, true},
    {"CUDAARCHS", recorded},
    {"CUDACXX", recorded},
    {"DEEPSPEED_", recorded, true},
    {"DS_", recorded, true},
    {"FLASH_ATTENTION_", recorded, true},
    {"FLASHINFER_", recorded, true},
    {"GGML_CUDA", recorded, true},
    {"GOMP_", recorded, true},
    {"GPU_DEVICE_ORDINAL", recorded},
    {"KMP_", recorded, true},
    {"LD_", recorded, true},
    {"MKL_", recorded, true},
    {"NUMBA_", recorded, true},
    {"NV_", recorded, true},
    {"NVCC_", recorded, true},
    {"NVSHMEM_", recorded, true},
    {"NVTE_", recorded, true},
    {"OMP_", recorded, true},
    {"OPENBLAS_", recorded, true},
    {"ORT_", recorded, true},
    {"PYTHONHOME", recorded},
    {"PYTHONUSERBASE", recorded},
    {"SLURM_JOB_GPUS", recorded},
    {"SLURM_STEP_GPUS", recorded},
    {"TENSORRT_", recorded, true},
    {"TF_AUTOTUNE_", recorded, true},  // not all of TF_: most of these are Terraform's
    {"TF_CPP_", recorded, true},
    {"TF_DETERMINISTIC_", recorded, true},
    {"TF_DISABLE_", recorded, true},
    {"TF_ENABLE_", recorded, true},
    {"TF_NUM_", recorded, true},
    {"TF_USE_", recorded, true},
    {"UCX_", recorded, true},
    {"UV_PROJECT_ENVIRONMENT", recorded},
};

}  // namespace

VariableUse use_of_variable(std::string_view name) {
  auto use = none;
  for (auto& row : rows)
    if (row.begins ? name.starts_with(row.name) : name == row.name) use = std::max(use, row.use);
  return use;
}

std::vector<std::string_view> variables_of(VariableUse use) {
  std::vector<std::string_view> names;
  for (auto& row : rows)
    if (row.use == use && !row.begins) names.push_back(row.name);
  return names;
}

}  // namespace cufit
