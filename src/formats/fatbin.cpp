#include "formats/fatbin.h"

#include <algorithm>

namespace cufit::formats::fatbin {

std::optional<Entry> read_entry(Bytes b, uint64_t room) {
  if (b.size() < kEntrySize || room < kEntrySize) return std::nullopt;
  const uint8_t* p = b.data();
  Entry e;
  e.raw_kind = load_at<uint16_t>(p);
  e.header = load_at<uint32_t>(p + 4);
  e.payload = load_at<uint64_t>(p + 8);
  if (load_at<uint16_t>(p + 2) != kEntryVersion || e.header < kEntrySize || e.header > kMaxEntryHeader)
    return std::nullopt;
  if (e.header > room || e.payload > room - e.header) return std::nullopt;

  uint64_t flags = load_at<uint64_t>(p + 40);
  uint32_t packed = load_at<uint32_t>(p + 16);
  Image& i = e.image;
  i.kind = e.raw_kind == 1   ? Kind::ptx
           : e.raw_kind == 2 ? Kind::sass
           : e.raw_kind == 8 ? Kind::lto
                             : Kind::other;
  i.arch = uint16_t(std::min<uint32_t>(load_at<uint32_t>(p + 28), UINT16_MAX));
  i.suffix = flags & kArchSpecific ? 'a' : flags & kFamilySpecific ? 'f' : 0;
  i.minor = uint8_t(std::min<uint16_t>(load_at<uint16_t>(p + 24), UINT8_MAX));
  i.major = uint8_t(std::min<uint16_t>(load_at<uint16_t>(p + 26), UINT8_MAX));
  i.packing = flags & kZstd ? Packing::zstd : flags & kLz4 ? Packing::lz4 : Packing::none;
  i.debug = flags & kDebug;
  e.packed = i.packing == Packing::none ? 0 : std::min<uint64_t>(packed, e.payload);
  e.unpacked = i.packing == Packing::none ? e.payload : load_at<uint64_t>(p + 56);
  return e;
}

}  // namespace cufit::formats::fatbin
