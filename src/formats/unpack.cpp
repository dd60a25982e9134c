#include "formats/unpack.h"

#include <lz4.h>
#include <zstd.h>

#include <algorithm>
#include <climits>
#include <memory>

namespace cufit::formats {
namespace {

void unpack_lz4(Bytes packed, size_t want, std::vector<uint8_t>& out) {
  if (packed.size() > LZ4_MAX_INPUT_SIZE || want > INT_MAX) return out.clear();
  out.resize(want);
  int n = LZ4_decompress_safe_partial(reinterpret_cast<const char*>(packed.data()), reinterpret_cast<char*>(out.data()),
                                      int(packed.size()), int(want), int(want));
  out.resize(size_t(std::max(n, 0)));
}

void unpack_zstd(Bytes packed, size_t want, std::vector<uint8_t>& out) {
  // One context a thread: making one costs more than unpacking a small cubin.
  thread_local std::unique_ptr<ZSTD_DCtx, size_t (*)(ZSTD_DCtx*)> context = [] {
    auto* c = ZSTD_createDCtx();
    if (c) ZSTD_DCtx_setParameter(c, ZSTD_d_windowLogMax, 23);
    return std::unique_ptr<ZSTD_DCtx, size_t (*)(ZSTD_DCtx*)>(c, ZSTD_freeDCtx);
  }();
  if (!context) return out.clear();
  ZSTD_DCtx_reset(context.get(), ZSTD_reset_session_only);
  out.resize(want);
  ZSTD_outBuffer o{out.data(), out.size(), 0};
  ZSTD_inBuffer in{packed.data(), packed.size(), 0};
  while (o.pos < o.size) {
    size_t before = o.pos, eaten = in.pos;
    size_t r = ZSTD_decompressStream(context.get(), &o, &in);
    if (ZSTD_isError(r) || r == 0 || (o.pos == before && in.pos == eaten)) break;
  }
  out.resize(o.pos);
}

}  // namespace

void unpack_prefix(Packing packing, Bytes packed, size_t want, std::vector<uint8_t>& out) {
  switch (packing) {
    case Packing::lz4: return unpack_lz4(packed, want, out);
    case Packing::zstd: return unpack_zstd(packed, want, out);
    case Packing::none: out.assign(packed.begin(), packed.begin() + ptrdiff_t(std::min(want, packed.size())));
  }
}

}  // namespace cufit::formats
