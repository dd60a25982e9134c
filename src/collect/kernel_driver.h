// The kernel's side of the driver: what is loaded, of which flavour, what it says of its GPUs.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "collect/root.h"
#include "model/observed.h"

namespace cufit::collect {

/// `kernel`: release of the running one, as in Os.
KernelDriver observe_kernel_driver(const Root& root, const Fact<std::string>& kernel);

// --- texts ---

/// The first line of /proc/driver/nvidia/version:
///   NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.129.03  Thu Oct 19 18:56:32 UTC 2023
///   NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.65.06  Release Build  (dvs-builder@...)
/// The two flavours word it so from R515 on; before there was only the proprietary one.
struct DriverBanner {
  Version version;
  std::string flavour;  ///< "open" or "proprietary"
};
std::optional<DriverBanner> parse_banner(std::string_view text);

/// Names of loaded modules by /proc/modules: those that are "Live".
std::vector<std::string> parse_modules(std::string_view text);

/// True for a module that says something of GPUs here: nvidia and its parts, nouveau, nova, vfio, ...
bool matters(std::string_view module);

/// /proc/driver/nvidia/gpus/ADDRESS/information. What it does not know it writes with question marks.
ProcGpu parse_information(std::string_view text, const std::string& address);

/// The mode that the driver gives to its nodes, by /proc/driver/nvidia/params ("DeviceFileMode: 438").
/// Nothing if it leaves them alone (ModifyDeviceFiles 0) or the text does not say.
std::optional<uint32_t> parse_node_mode(std::string_view text);

/// The number of the first of these character devices in /proc/devices; nothing if none is there.
std::optional<uint32_t> parse_major(std::string_view text, std::initializer_list<std::string_view> names);

}  // namespace cufit::collect
