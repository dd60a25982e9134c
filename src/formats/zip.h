// Zip archives (wheels): the central directory, and where the data of an entry lies. Nothing is ever unpacked
// to a file, so names are only names.
//
// Layout: PKWARE APPNOTE 6.3.10, https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "base/stream.h"

namespace cufit::formats::zip {

enum class Method : uint16_t { stored = 0, deflated = 8 };

/// Why the data of an entry cannot be read.
enum class Flaw : uint8_t {
  none,
  encrypted,
  method,   ///< packed with neither deflate nor nothing
  disks,    ///< begins on another disk of a split archive
  zip64,    ///< sizes or offset announced in a zip64 field that is missing or short
  sizes,    ///< stored, but packed and unpacked size differ
  outside,  ///< begins or ends outside the part of the file before the central directory
  overlap,  ///< shares bytes with another entry, as no honest archive does
};
std::string_view describe(Flaw flaw);

struct Entry {
  std::string name;
  uint64_t packed = 0;  ///< bytes in the archive
  uint64_t size = 0;    ///< bytes once unpacked, as stated
  uint64_t header = 0;  ///< offset of the local header in the file
  uint64_t limit =
      0;             ///< the data must end at or before this offset: the next entry or the central directory
  uint32_t crc = 0;  ///< of the unpacked bytes
  uint16_t method = 0;  ///< see Method; others are listed and cannot be read
  uint16_t flags = 0;   ///< general purpose flags as in the file
  Flaw flaw = Flaw::none;
  bool shadowed = false;     ///< a later entry has the same name; unpackers keep the later one
  bool unsafe_name = false;  ///< absolute, with a drive or backslash, or climbing out with ".."

  bool is_directory() const { return name.ends_with('/'); }
  bool is_readable() const { return flaw == Flaw::none; }
};

struct Archive {
  std::vector<Entry> entries;   ///< in the order of the central directory
  std::optional<Error> damage;  ///< what stopped the listing; the entries before it are good
};

constexpr uint64_t kMaxEntries = 500'000;
constexpr uint64_t kMaxDirectory = uint64_t{64} << 20;

/// True if a file that begins with `head` and is a zip archive begins like one (an empty archive counts too).
bool begins_like_zip(Bytes head);

/// Lists the archive. An error means that there is no central directory to list.
Result<Archive> read(RandomBytes& bytes);

/// Offset of the entry's data. Reads the local header and refuses one that contradicts the central directory.
Result<uint64_t> locate(RandomBytes& bytes, const Entry& entry);

/// The unpacked bytes of a readable entry, given its `packed` bytes as a stream. The stream's error() says
/// what was wrong with them: not deflate data, another size, another CRC. (Stored bytes are passed on without
/// a CRC, because skipping them is free.)
std::unique_ptr<Stream> unpack(const Entry& entry, std::unique_ptr<Stream> packed);

/// locate() and unpack() for an archive that is a whole file. `file` must outlive the stream.
Result<std::unique_ptr<Stream>> open(const File& file, const Entry& entry);

}  // namespace cufit::formats::zip
