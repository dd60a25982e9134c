// SASS-1 to SASS-7: which machine code runs on which GPU.
#pragma once

#include "judge/rule.h"
#include "judge/sources.h"
#include "knowledge/knowledge.h"

namespace cufit {

inline constexpr Rule sass_1 = {"SASS-1", {source::programming_guide, source::ada_guide}};
inline constexpr Rule sass_2 = {"SASS-2", {source::programming_guide}};
inline constexpr Rule sass_3 = {
    "SASS-3", {source::programming_guide, "https://github.com/pytorch/pytorch/issues/159779"}};
inline constexpr Rule sass_4 = {"SASS-4", {source::nvcc, source::ptx_manual}};
inline constexpr Rule sass_5 = {"SASS-5", {source::nvcc, source::ptx_manual}};
inline constexpr Rule sass_6 = {"SASS-6", {source::nvcc, source::ptx_manual}};
inline constexpr Rule sass_7 = {
    "SASS-7", {"https://github.com/llvm/llvm-project (llvm/include/llvm/BinaryFormat/ELF.h)"}};
inline constexpr const Rule* sass_rules[] = {&sass_1, &sass_2, &sass_3, &sass_4, &sass_5, &sass_6, &sass_7};

/// What machine code offers to a GPU.
struct SassMatch {
  enum class Kind : uint8_t { native, compatible, none, unknown } kind = Kind::none;
  const Rule* rule = &sass_1;  ///< the rule that says so
};

/// Does machine code of this target run on a GPU of compute capability `gpu` (SASS-1 to SASS-6, TEGRA-2 and
/// TEGRA-3)?
SassMatch match_sass(const Knowledge&, Sm target, Sm gpu);

/// The toolkits that can have written a cubin, from its ELF ABI (SASS-7) and its target.
struct ToolkitBounds {
  Cuda at_least, at_most;
};
ToolkitBounds toolkits_of_sass(const Knowledge&, const Image& sass);

}  // namespace cufit
