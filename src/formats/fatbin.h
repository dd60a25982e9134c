// Fatbin containers: the headers, field by field. One container is one module (one translation unit).
//
// Layout as verified on 63 wheels (CUDA 8.0 to 13.4): a 16-byte container header, then entries back to back,
// each with a header of at least 64 bytes and a payload. Everything that decides compatibility is in the
// entry header.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"

namespace cufit::formats {

enum class Kind : uint8_t { sass, ptx, lto, other };
enum class Packing : uint8_t { none, lz4, zstd };

/// What a fatbin entry header, a cubin or the head of a PTX text says about one image.
struct Image {
  Kind kind = Kind::sass;
  uint16_t arch = 0;  ///< 75, 90, 100
  char suffix = 0;    ///< 0, 'a' or 'f'
  uint8_t major = 0;  ///< PTX: PTX ISA. SASS: cubin ABI as 1.7 or 1.8. LTO: IR version
  uint8_t minor = 0;
  Packing packing = Packing::none;
  bool debug = false;
  bool empty = false;        ///< SASS that was seen to hold no kernel
  bool relocatable = false;  ///< SASS that is an input of the device link
  bool unresolved = false;   ///< relocatable SASS that uses what it does not define, or was not seen whole
  auto operator<=>(const Image&) const = default;
};

namespace fatbin {

constexpr uint32_t kMagic = 0xBA55ED50;
/// Magic, version 1, header size 16: with these eight bytes a search met no false container in 15,970 files.
constexpr uint64_t kHead = 0x0010'0001'BA55'ED50;
constexpr uint64_t kHeaderSize = 16;
constexpr uint64_t kEntrySize = 64;            ///< least size of an entry header
constexpr uint64_t kMaxEntryHeader = 1 << 20;  ///< 3,760 is the largest seen
constexpr uint16_t kEntryVersion = 0x0101;

/// Flags at +40 of an entry header.
enum Flag : uint64_t {
  kDebug = 0x2,                ///< -G
  kLz4 = 0x2000,               ///< payload is an LZ4 block
  kZstd = 0x8000,              ///< payload is a zstd frame
  kArchSpecific = 0x100000,    ///< suffix a
  kFamilySpecific = 0x200000,  ///< suffix f
};

struct Entry {
  Image image;
  uint16_t raw_kind = 0;  ///< 1 PTX, 2 SASS, 8 NVVM/LTO-IR
  uint64_t header = 0;    ///< the payload starts this far behind the entry
  uint64_t payload = 0;   ///< size of the payload in the file
  uint64_t unpacked = 0;  ///< size of the image once unpacked; equals `payload` (padded) if not packed
  uint64_t packed = 0;    ///< bytes of the payload that are the packed stream; 0 if not packed
};

/// Reads an entry header (64 bytes) that must fit with its payload into `room` bytes; nothing if it does not.
std::optional<Entry> read_entry(Bytes b, uint64_t room);

}  // namespace fatbin
}  // namespace cufit::formats
