// TEGRA-1 to TEGRA-6: Jetson and DGX Spark.
#pragma once

#include "judge/rule.h"
#include "judge/sources.h"

namespace cufit {

inline constexpr Rule tegra_1 = {"TEGRA-1", {source::jetson}};
inline constexpr Rule tegra_2 = {
    "TEGRA-2",
    {"https://github.com/jax-ml/jax/pull/40492", "https://github.com/vllm-project/vllm/pull/19328",
     source::programming_guide}};
inline constexpr Rule tegra_3 = {"TEGRA-3", {source::programming_guide}};
inline constexpr Rule tegra_4 = {"TEGRA-4", {source::release_notes}};
inline constexpr Rule tegra_5 = {"TEGRA-5", {"https://github.com/pytorch/pytorch/issues/159779"}};
inline constexpr Rule tegra_6 = {"TEGRA-6", {source::ptx_manual, source::release_notes}};
inline constexpr const Rule* tegra_rules[] = {&tegra_1, &tegra_2, &tegra_3, &tegra_4, &tegra_5, &tegra_6};

}  // namespace cufit
