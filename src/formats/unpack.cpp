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

/// The first block of a frame cannot refer to anything before it. So it is unpacked as a frame of its own,
/// with a small window: the real one may be many megabytes, which a decoder would allocate.
void unpack_zstd_head(Bytes packed, std::vector<uint8_t>& out) {
  out.clear();
  size_t at = zstd_frame(packed).header;
  if (at == 0 || packed.size() < at + kZstdBlockHeader) return;
  auto block = slice(packed, at + kZstdBlockHeader, zstd_block(packed.subspan(at)).size);
  if (!block) return;
  thread_local std::vector<uint8_t> frame;
  constexpr uint8_t kWindow128K = 7 << 3, kLast = 1;
  frame.assign(
      {0x28, 0xB5, 0x2F, 0xFD, 0, kWindow128K, uint8_t(packed[at] | kLast), packed[at + 1], packed[at + 2]});
  frame.insert(frame.end(), block->begin(), block->end());
  thread_local std::vector<uint8_t> content(kMaxBlock);
  auto* context = zstd_context();
  size_t n =
      context ? ZSTD_decompressDCtx(context, content.data(), content.size(), frame.data(), frame.size()) : 0;
  if (!ZSTD_isError(n)) out.assign(content.begin(), content.begin() + ptrdiff_t(n));
}

}  // namespace

ZstdFrame zstd_frame(Bytes b) {
  if (b.size() < 5 || load_at<uint32_t>(b.data()) != 0xFD2FB528) return {};
  // Magic, descriptor, window, dictionary id, content size
  constexpr uint8_t kDictionary[] = {0, 1, 2, 4}, kContent[] = {0, 2, 4, 8};
  uint8_t descriptor = b[4];
  bool single = descriptor & 0x20;
  size_t content = kContent[descriptor >> 6];
  if (single && content == 0) content = 1;
  return {4 + 1 + size_t(!single) + kDictionary[descriptor & 3] + content, bool(descriptor & 4)};
}

ZstdBlock zstd_block(Bytes header) {
  if (header.size() < kZstdBlockHeader) return {true, SIZE_MAX};
  uint32_t h = uint32_t{header[0]} | uint32_t{header[1]} << 8 | uint32_t{header[2]} << 16;
  uint32_t type = h >> 1 & 3, size = h >> 3;
  constexpr uint32_t kRle = 1, kReserved = 3;
  if (type == kReserved || size > kMaxBlock) return {true, SIZE_MAX};
  return {bool(h & 1), type == kRle ? 1 : size};
}

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
