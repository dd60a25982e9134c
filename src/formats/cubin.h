// Cubins: the ELF files with machine code for one GPU architecture.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "formats/fatbin.h"

namespace cufit::formats {

constexpr uint16_t kCudaMachine = 190;  ///< e_machine EM_CUDA

/// What a cubin says of itself.
struct Cubin {
  Image image;
  uint16_t toolkit =
      0;  ///< 10 x major + minor (129 = 12.9) of the toolkit that wrote it; 0 if it does not say
  bool complete = false;  ///< section table read: `image.empty` and the suffix of ABI 8 are certain
};

/// The size of the cubin whose ELF header starts `b` (64 bytes suffice), as its tables imply; nothing if it
/// is none.
std::optional<uint64_t> cubin_size(Bytes b);

/// Reads a cubin. `b` may be a prefix (at least the 64-byte header); then what the sections tell stays
/// unknown. Nothing if `b` does not start with a 64-bit little-endian ELF header of EM_CUDA.
std::optional<Cubin> read_cubin(Bytes b);

}  // namespace cufit::formats
