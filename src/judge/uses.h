// DRV-10, TRITON-1, LIB-10: uses of a framework that its own files say nothing about: what its run-time
// compiler makes, and cuDNN, which serves fewer GPUs.
#pragma once

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

/// PyTorch, what is installed beside it, or what needs it: failures are seen through torch.cuda.
bool serves_torch(const Subject&, const Place&);

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
