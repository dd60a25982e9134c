// What the name of a file says of what can be in it.
#pragma once

#include <string_view>

namespace cufit::collect {

/// False for names of sources, texts, tables and pictures: such a file is never opened when an environment is
/// read, because nothing loads GPU code from it. Every other file is looked at.
bool may_hold_code(std::string_view name);

/// Shared libraries and files of GPU code: what a program loads ("libnccl.so.2", "kernels.cubin").
bool is_loaded_name(std::string_view name);

/// ptxas, nvcc, NVRTC, nvJitLink, NVVM: files that compile GPU code at run time and hold none themselves.
bool is_compiler_name(std::string_view name);

}  // namespace cufit::collect
