// Names of host architectures.
#pragma once

#include <cstdint>
#include <string>

namespace cufit::collect {

/// Of the machine field of an ELF header: 62 is "x86_64", 183 "aarch64"; "machine 40" where cufit has no
/// name.
std::string architecture(uint16_t machine);

}  // namespace cufit::collect
