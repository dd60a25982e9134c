// LIB-1, LIB-9: distributions of one environment beside each other: extensions of another CUDA major, and
// libraries whose SONAME does not tell the major.
#pragma once

#include "judge/place.h"
#include "judge/rule.h"
#include "judge/sources.h"
#include "judge/step.h"
#include "model/report.h"

namespace cufit {

inline constexpr Rule lib_9 = {"LIB-9", {source::programming_guide}};
inline constexpr const Rule* neighbour_rules[] = {&lib_9};

/// Is a file of it linked to the libraries of PyTorch?
bool links_torch(const Subject&);

/// Is it an extension of PyTorch: linked to its libraries, or asking for the package?
bool is_extension(const Subject&);

/// The newest CUDA major whose libraries the core files of a subject ask for.
std::optional<unsigned> cuda_major_of(const Subject&);

/// What the other distributions of the environment mean for this one.
Step judge_neighbours(const Subject&, const Place&);

/// Adds NCCL and every extension of the environment to the uses of PyTorch, with their own verdicts.
void add_neighbour_uses(std::span<const Subject>, std::vector<Judgement>&);

}  // namespace cufit
