// DRV-10, TRITON-1, LIB-10: uses of a framework that its own files say nothing about: what its run-time
// compiler makes, and cuDNN, which serves fewer GPUs.
#pragma once

#include <span>

#include "judge/failure.h"
#include "judge/place.h"
#include "judge/rule.h"
#include "judge/sources.h"
#include "judge/step.h"

namespace cufit {

inline constexpr Rule drv_10 = {
    "DRV-10", {"https://github.com/pytorch/pytorch/issues/119054", "bytes of the Triton wheels, 2026-11"}};
inline constexpr Rule triton_1 = {
    "TRITON-1", {"https://github.com/pytorch/pytorch (torch/_inductor/scheduler.py, has_triton checks)"}};
inline constexpr Rule lib_10 = {
    "LIB-10", {"https://docs.nvidia.com/deeplearning/cudnn/backend/latest/reference/support-matrix.html"}};
inline constexpr const Rule* use_rules[] = {&drv_10, &triton_1, &lib_10};

bool is_torch(const Subject&);
bool is_triton(const Subject&);

/// PyTorch, what imports it, and the libraries of NVIDIA that are installed beside it: failures are seen
/// through torch.cuda.
bool serves_torch(const Subject&, std::span<const Subject> installed);

/// As numba 0.68, Triton 3.5 and XGBoost 3.2 do on a machine without driver.
WithoutDriver without_driver(const Subject&);

/// Compilers of GPU code alone (NVRTC, nvJitLink): they need neither GPU nor driver. Triton launches what it
/// compiles.
bool only_compiles(const Subject&);

struct UseStep : Step {
  std::vector<Use> uses;
};

/// Judges the uses of PyTorch, and Triton by itself. `core`: what the files of the subject come to. Nothing
/// to say of other subjects.
UseStep judge_uses(const Subject&, Verdict core, const Place&);

/// The ptxas with which code for this GPU is made at run time: its CUDA release and where that is known from.
struct RuntimeCompiler {
  Cuda release;
  std::string name;  ///< "Triton 2.2.0"
  FactRef fact;      ///< "subjects.s1.members...", or the row of the catalogue
  RowRef row;
};
std::optional<RuntimeCompiler> runtime_compiler(const Subject&, const Place&);

}  // namespace cufit
