#include "formats/unpack.h"

#include <lz4.h>
#include <zstd.h>

#include <algorithm>
#include <climits>
#include <memory>

namespace cufit::formats {
namespace {

constexpr size_t kHead = 64, kMaxBlock = 128 << 10;

void unpack_lz4(Bytes packed, size_t size, std::vector<uint8_t>& out) {
  if (packed.size() > LZ4_MAX_INPUT_SIZE || size > INT_MAX) return out.clear();
  out.resize(size);
  int n = LZ4_decompress_safe_partial(reinterpret_cast<const char*>(packed.data()),
                                      reinterpret_cast<char*>(out.data()), int(packed.size()), int(size),
                                      int(size));
  out.resize(size_t(std::max(n, 0)));
}

/// One context a thread: making one costs more than unpacking a small cubin.
ZSTD_DCtx* zstd_context() {
  thread_local std::unique_ptr<ZSTD_DCtx, size_t (*)(ZSTD_DCtx*)> context{ZSTD_createDCtx(), ZSTD_freeDCtx};
  return context.get();
}

void unpack_zstd(Bytes packed, size_t size, std::vector<uint8_t>& out) {
  out.resize(size);
  auto* context = zstd_context();
  size_t n = context ? ZSTD_decompressDCtx(context, out.data(), size, packed.data(), packed.size()) : 0;
  out.resize(ZSTD_isError(n) ? 0 : std::min(n, size));
}

/// Where the first block begins: behind magic, descriptor, window, dictionary id and content size (RFC
/// 8878, 3.1.1.1).
size_t zstd_header_size(uint8_t descriptor) {
  constexpr uint8_t kDictionary[] = {0, 1, 2, 4}, kContent[] = {0, 2, 4, 8};
  bool single = descriptor & 0x20;
  size_t content = kContent[descriptor >> 6];
  if (single && content == 0) content = 1;
  return 4 + 1 + (single ? 0 : 1) + kDictionary[descriptor & 3] + content;
}

/// The first block of a frame cannot refer to anything before it. So it is unpacked as a frame of its own,
/// with a small window: the real one may be many megabytes, which a decoder would allocate.
void unpack_zstd_head(Bytes packed, std::vector<uint8_t>& out) {
  out.clear();
  if (packed.size() < 12) return;
  size_t at = zstd_header_size(packed[4]);
  if (packed.size() < at + 3) return;
  uint32_t header = uint32_t{packed[at]} | uint32_t{packed[at + 1]} << 8 | uint32_t{packed[at + 2]} << 16;
  constexpr uint32_t kLast = 1, kRle = 1;
  size_t size = (header >> 1 & 3) == kRle ? 1 : header >> 3;
  auto block = size <= kMaxBlock ? slice(packed, at + 3, size) : std::nullopt;
  if (!block) return;
  thread_local std::vector<uint8_t> frame;
  constexpr uint8_t kWindow128K = 7 << 3;
  frame.assign(
      {0x28, 0xB5, 0x2F, 0xFD, 0, kWindow128K, uint8_t(packed[at] | kLast), packed[at + 1], packed[at + 2]});
  frame.insert(frame.end(), block->begin(), block->end());
  unpack_zstd(frame, kMaxBlock, out);
}

}  // namespace

void unpack(Packing packing, Bytes packed, size_t size, std::vector<uint8_t>& out) {
  switch (packing) {
    case Packing::lz4:
      return unpack_lz4(packed, size, out);
    case Packing::zstd:
      return unpack_zstd(packed, size, out);
    case Packing::none:
      return out.assign(packed.begin(), packed.begin() + ptrdiff_t(std::min(size, packed.size())));
  }
}

void unpack_head(Packing packing, Bytes packed, std::vector<uint8_t>& out) {
  if (packing == Packing::zstd) return unpack_zstd_head(packed, out);
  unpack(packing, packed, kHead, out);
}

}  // namespace cufit::formats
