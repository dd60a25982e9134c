// FC: a cuda-compat package, a newer libcuda with its compiler on an older kernel driver.
#pragma once

#include "judge/failure.h"
#include "judge/place.h"
#include "judge/rule.h"
#include "judge/step.h"

namespace cufit {

namespace source {
inline constexpr std::string_view forward_compatibility =
    "https://docs.nvidia.com/deploy/cuda-compatibility/forward-compatibility.html";
inline constexpr std::string_view container_toolkit = "https://github.com/NVIDIA/nvidia-container-toolkit";
}  // namespace source

inline constexpr Rule fc_1 = {"FC-1", {source::forward_compatibility}};
inline constexpr Rule fc_2 = {"FC-2", {source::forward_compatibility}};
inline constexpr Rule fc_3 = {"FC-3", {source::forward_compatibility}};
inline constexpr Rule fc_4 = {"FC-4", {source::forward_compatibility}};
inline constexpr Rule fc_5 = {"FC-5", {source::forward_compatibility}};
inline constexpr Rule fc_6 = {"FC-6", {source::forward_compatibility}};
inline constexpr Rule fc_8 = {"FC-8", {source::container_toolkit}};
inline constexpr Rule fc_9 = {"FC-9", {source::container_toolkit, "https://github.com/NVIDIA/go-nvml"}};
inline constexpr Rule fc_11 = {"FC-11", {source::forward_compatibility, source::cuda_headers}};
inline constexpr Rule fc_12 = {"FC-12", {source::forward_compatibility}};
inline constexpr Rule fc_13 = {"FC-13", {source::forward_compatibility}};
inline constexpr const Rule* compat_rules[] = {&fc_1, &fc_2, &fc_3,  &fc_4,  &fc_5, &fc_6,
                                               &fc_8, &fc_9, &fc_11, &fc_12, &fc_13};

/// Does the package work on this GPU and this kernel driver? `unknown` where the tables do not settle it.
struct CompatFit {
  Answer works = Answer::unknown;
  const Rule* rule = &fc_1;  ///< the rule that decides
  Text why;
  int code = 0;  ///< 803, 804 or 100 if it does not work
};
CompatFit fit_compat(const ForwardCompatRow&, const Place&);

/// The packages of NVIDIA's table that fit this kind of GPU (Jetson has its own), oldest CUDA first.
std::vector<const ForwardCompatRow*> compat_packages(const Place&);

/// What a package that is in use comes to; nothing to say without one.
Step judge_compat(const Place&, const Caller&);

}  // namespace cufit
