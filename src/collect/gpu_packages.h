// Distributions that use GPUs or bring CUDA's libraries, by name.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace cufit::collect {

/// Place of a framework in the order in which FoundEnvironment::frameworks tells them, the most general one
/// first; nothing for a package that is not told. `name` is normalized.
std::optional<size_t> rank_of_framework(std::string_view name);

/// Packages whose lists of files say whose a CUDA library is: "nvidia-cublas-cu12", "torch", "libcublas"
/// (conda). `name` is normalized.
bool may_bring_cuda_libraries(std::string_view name);

}  // namespace cufit::collect
