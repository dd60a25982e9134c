// HOST-1 to HOST-3: does the package run on the host at all: its architecture and system, its C library, its
// Python? WSL-1: does the Windows driver serve the GPU under WSL?
#pragma once

#include "judge/failure.h"
#include "judge/place.h"
#include "judge/rule.h"
#include "judge/step.h"

namespace cufit {

inline constexpr Rule host_1 = {
    "HOST-1", {"https://packaging.python.org/en/latest/specifications/platform-compatibility-tags/"}};
inline constexpr Rule host_2 = {"HOST-2", {"https://peps.python.org/pep-0600/"}};
inline constexpr Rule host_3 = {
    "HOST-3", {"https://packaging.python.org/en/latest/specifications/platform-compatibility-tags/"}};
inline constexpr Rule wsl_1 = {"WSL-1", {"https://docs.nvidia.com/cuda/wsl-user-guide/"}};
inline constexpr Rule wsl_2 = {"WSL-2", {"https://docs.nvidia.com/cuda/wsl-user-guide/"}};
inline constexpr const Rule* host_rules[] = {&host_1, &host_2, &host_3};
inline constexpr const Rule* wsl_rules[] = {&wsl_1, &wsl_2};

/// What pip says about a wheel that no tag of the host matches, or a requirement that nothing satisfies.
Failure not_installable();

/// Nothing to say about what nobody told of the machine.
Step judge_host(const Subject&, const Place&);

/// Nothing to say outside WSL.
Step judge_wsl(const Place&, const Caller&);

}  // namespace cufit
