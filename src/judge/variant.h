// Which of several libraries a package loads: the one of the CUDA version that it meets.
#pragma once

#include <span>

#include "judge/judged_file.h"

namespace cufit {

/// The library of the CUDA version of the PyTorch beside it, or of the version that BNB_CUDA_VERSION names
/// ("libbitsandbytes_cuda121.so"). Null if there is none of that version, or nobody tells.
const JudgedFile* chosen_variant(std::span<const JudgedFile* const>, const Subject&, const Place&);

/// "128" if a library of that CUDA version is looked for and the package has none: what is loaded then
/// differs between releases of the package. Empty otherwise.
std::string missing_variant(std::span<const JudgedFile* const>, const Subject&, const Place&);

}  // namespace cufit
