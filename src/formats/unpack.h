// Unpacking of fatbin payloads and bare zstd cubins: only as much as a question needs.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "formats/fatbin.h"

namespace cufit::formats {

/// No zstd block is larger, packed or not (RFC 8878, 3.1.1.2.4); with frame and block headers this many bytes
/// of a frame hold its whole first block.
constexpr size_t kFirstBlock = (128 << 10) + 32;

/// Unpacks at most `size` bytes of a packed payload into `out` (replaced); fewer, or none, if the data are
/// damaged.
void unpack(Packing packing, Bytes packed, size_t size, std::vector<uint8_t>& out);

/// Unpacks only the beginning (at least 64 bytes, at most 128 KiB) of packed data that may go on far beyond
/// `packed`; kFirstBlock bytes suffice. Nothing if the data are damaged. Costs the same however large the
/// image is.
void unpack_head(Packing packing, Bytes packed, std::vector<uint8_t>& out);

/// How a zstd frame lays out its blocks (RFC 8878, 3.1.1): to pass over a frame without unpacking it.
struct ZstdFrame {
  size_t header = 0;      ///< bytes before the first block header; 0 if `b` starts no frame
  bool checksum = false;  ///< four bytes follow the last block
};
ZstdFrame zstd_frame(Bytes b);

struct ZstdBlock {
  bool last = false;
  size_t size = 0;  ///< bytes of the block in the file, behind its three-byte header; SIZE_MAX if damaged
};
ZstdBlock zstd_block(Bytes header);

constexpr size_t kZstdBlockHeader = 3, kZstdMaxHeader = 18;

}  // namespace cufit::formats
