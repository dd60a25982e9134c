// Unpacking of fatbin payloads and bare zstd cubins: only as much as a question needs.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "formats/fatbin.h"

namespace cufit::formats {

/// Unpacks at most `want` bytes from the start of a packed payload into `out` (replaced).
/// Fewer bytes, or none, if the data is damaged or ends before. Never more than `want` bytes of memory
/// beyond what the decoders hold (zstd: a window of at most 8 MiB).
void unpack_prefix(Packing packing, Bytes packed, size_t want, std::vector<uint8_t>& out);

}  // namespace cufit::formats
