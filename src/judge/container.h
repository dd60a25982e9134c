// CTR-4: requirements of a container image (NVIDIA_REQUIRE_CUDA and the like) against the machine.
#pragma once

#include "judge/place.h"
#include "judge/rule.h"
#include "judge/step.h"

namespace cufit {

inline constexpr Rule ctr_4 = {
    "CTR-4", {"https://github.com/NVIDIA/cloud-native-docs (container-toolkit/docker-specialized.md)"}};
inline constexpr const Rule* container_rules[] = {&ctr_4};

/// "cuda>=12.4 brand=tesla,driver>=470,driver<471": words are alternatives, of which all comma-separated
/// conditions must hold. `unknown` where a fact is missing or a property is not known.
Answer meets_requirement(std::string_view requirement, const Place&);

/// Every NVIDIA_REQUIRE_* of the machine's variables; nothing to say without one.
Step judge_requirements(const Place&);

}  // namespace cufit
