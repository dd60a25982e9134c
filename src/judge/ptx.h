// PTX-1 to PTX-8: which PTX the driver compiles for which GPU.
#pragma once

#include <optional>

#include "judge/rule.h"
#include "judge/sources.h"
#include "knowledge/knowledge.h"
#include "model/image.h"

namespace cufit {

inline constexpr Rule ptx_1 = {"PTX-1", {source::programming_guide, source::ptx_manual}};
inline constexpr Rule ptx_2 = {"PTX-2", {source::minor_version, source::ptx_manual, source::cuda_headers}};
inline constexpr Rule ptx_3 = {"PTX-3", {source::ptx_manual, "ptxas of toolkits 12.0 to 13.5"}};
inline constexpr Rule ptx_4 = {"PTX-4", {source::ptx_manual, "ptxas of toolkits 12.9 to 13.5"}};
inline constexpr Rule ptx_5 = {"PTX-5", {source::ptx_manual, "ptxas of toolkits 12.9 to 13.5"}};
inline constexpr Rule ptx_6 = {"PTX-6", {source::programming_guide, source::environment}};
inline constexpr Rule ptx_7 = {"PTX-7", {source::programming_guide}};
inline constexpr Rule ptx_8 = {"PTX-8", {source::cuda_headers}};
inline constexpr const Rule* ptx_rules[] = {&ptx_1, &ptx_2, &ptx_3, &ptx_4, &ptx_5, &ptx_6, &ptx_7, &ptx_8};

/// The PTX compiler of a driver.
struct Jit {
  std::optional<Cuda> cuda;  ///< driver CUDA; nothing: no driver was named, any will do
  bool at_least = false;     ///< `cuda` is only a lower bound
};

struct PtxMatch {
  Answer fits = Answer::no;
  const Rule* rule = &ptx_1;
};

/// May PTX of this target be compiled for this GPU (PTX-1, PTX-3 to PTX-5)?
PtxMatch match_ptx_target(const Knowledge&, Sm target, Sm gpu, const Jit&);

/// Does the compiler of the driver read this PTX ISA (PTX-2)?
Answer reads_isa(const Knowledge&, Isa, const Jit&);
/// The same of PTX of which only bounds may be known.
Answer reads_isa(const Knowledge&, const Image& ptx, const Jit&);

/// Where a driver finds several PTX images for a GPU it compiles one of them: the highest target, `a` before
/// `f` before plain. True if `x` comes before `y`.
bool is_better_ptx(Sm x, Sm y);

}  // namespace cufit
