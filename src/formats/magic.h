// Search for the marks with which GPU code begins, at any alignment, at the speed of memory.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"

namespace cufit::formats {

enum class Mark : uint8_t {
  fatbin,   ///< container header: magic, version 1, header size 16
  wrapper,  ///< 24-byte wrapper of .nvFatBinSegment, version 1 or 2
  elf,      ///< 64-bit little-endian ELF header (a cubin, if its machine is 190)
  zstd,     ///< zstd frame (a compressed cubin, perhaps)
  ptx,      ///< ".version " of a PTX text
};

constexpr size_t kMarkSize = 8;  ///< no mark is longer

/// Offset of the first mark in `b` and what it is; `at` == b.size() if there is none. A mark cut off by the
/// end of `b` is not seen: search again with the last kMarkSize - 1 bytes in front of what follows.
struct MarkHit {
  size_t at;
  Mark mark;
};
MarkHit find_mark(Bytes b);

}  // namespace cufit::formats
