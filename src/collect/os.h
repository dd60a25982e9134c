// The operating system: distribution, kernel, C library, architecture, firmware, and what it runs under.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "collect/root.h"
#include "model/observed.h"

namespace cufit::collect {

Os observe_os(const Root& root);

// --- texts ---

/// The value of a variable of os-release(5), its quotes taken off; nothing if it is not set.
std::optional<std::string> os_release_value(std::string_view text, std::string_view name);

/// "R36.4.0" of the first line of nv_tegra_release: "# R36 (release), REVISION: 4.0, GCID: ...".
std::optional<std::string> l4t_release(std::string_view text);

/// "tegra234" of the list "nvidia,p3701-0000\0nvidia,tegra234" that a device tree has as "compatible";
/// nothing on boards of others.
std::optional<std::string> tegra_of(std::string_view compatible);

/// "WSL1" or "WSL2" of a kernel release by Microsoft: "4.4.0-19041-Microsoft",
/// "5.15.153.1-microsoft-standard-WSL2". Nothing for other kernels.
std::optional<std::string> wsl_kernel(std::string_view release);

/// The value of an EFI variable of one byte, as efivarfs shows it: four bytes of attributes before it.
std::optional<bool> efi_flag(std::string_view bytes);

}  // namespace cufit::collect
