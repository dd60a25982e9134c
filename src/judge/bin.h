// BIN-1: where GPU code lies. BIN-4: images packed in a way that an older driver cannot unpack.
#pragma once

#include "judge/driver.h"

namespace cufit {

inline constexpr Rule bin_1 = {"BIN-1", {"containers found in 63 wheels of 2018 to 2026"}};
inline constexpr Rule bin_4 = {
    "BIN-4",
    {source::nvcc, "https://developer.nvidia.com/blog/whats-new-and-important-in-cuda-toolkit-13-0/"}};
inline constexpr const Rule* bin_rules[] = {&bin_1, &bin_4};

/// Can the driver unpack this image? zstd came with the option -compress-mode and needs driver CUDA 12.4. LZ4
/// is older and says nothing.
Answer unpacks(const Image&, const Jit& driver);

}  // namespace cufit
