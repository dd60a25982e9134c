// What the processor decides in the loader: folders for its level, and $PLATFORM.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/cpu.h"

namespace cufit {

/// From /proc/cpuinfo, as sysdeps/x86/get-isa-level.h and cpu_features.c of glibc decide: a level wants all
/// its features and those below. Only glibc's names for Intel processors differ from what the kernel says.
/// Not x86: no levels (those of POWER and z/Architecture are not read).
Cpu cpu_of(std::string_view cpuinfo);

/// The levels that are left when GLIBC_TUNABLES takes features away ("glibc.cpu.hwcaps=-AVX2").
std::vector<std::string> levels_left(const std::vector<std::string>& levels, std::string_view tunables);

}  // namespace cufit
