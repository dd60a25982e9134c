// Which libraries belong to CUDA, by name.
#pragma once

#include <string_view>

namespace cufit {

/// True for the SONAME (or file name) of a library that comes with CUDA, with the driver or next to them,
/// also where a wheel builder has renamed it (libcudart-d0da41ae.so.12).
bool is_cuda_library(std::string_view soname);

}  // namespace cufit
