// Kernel modules of the driver that lie on disk, for the running kernel and for others.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "collect/root.h"
#include "model/observed.h"

namespace cufit::collect {

/// Fills on_disk*, other_kernels and headers. `kernel`: release of the running one.
void observe_module_files(const Root& root, const Fact<std::string>& kernel, KernelDriver& out);

/// True for the file of the driver's main module: "nvidia.ko", "nvidia.ko.zst", Debian's "nvidia-current.ko";
/// not for "nvidia-uvm.ko" and other parts.
bool is_driver_module(std::string_view file_name);

/// The path of that module in a modules.dep (lines "PATH: NEEDS"), relative to its folder; empty if none.
std::string module_of_dependencies(std::string_view text);

}  // namespace cufit::collect
