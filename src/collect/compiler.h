// Compilers of GPU code: which CUDA release they are of.
#pragma once

#include <optional>

#include "base/file.h"
#include "base/stream.h"
#include "base/version.h"

namespace cufit::collect {

/// The release that ptxas, nvcc, NVRTC, nvJitLink and NVVM carry in their text "Cuda compilation tools,
/// release 12.8, V12.8.93", which `ptxas --version` prints: 12.8. Nothing if the stream has none.
std::optional<Version> compiler_release(Stream& stream);

/// The same for a file, of which only .rodata is searched: the text stands in its beginning.
std::optional<Version> compiler_release(const File& file);

}  // namespace cufit::collect
