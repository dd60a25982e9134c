// /etc/ld.so.cache as ldconfig writes it: which library names lie where. Three layouts are read: that of
// libc5 and glibc 2.0 and 2.1 ("ld.so-1.7.0"), that of glibc 2.2 and later ("glibc-ld.so.cache1.1"), and the
// second behind the first, as ldconfig wrote it until glibc 2.32 (--format=compat). Little-endian only.
// Layouts: sysdeps/generic/dl-cache.h of glibc.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace cufit::formats {

struct LdCacheEntry {
  std::string soname, path;
  int32_t flags = 0;   ///< 0x0303: ELF, glibc, x86-64
  uint64_t hwcap = 0;  ///< as written
  /// glibc-hwcaps folder ("x86-64-v3") if bit 62 of hwcap says that it names one. "?" where the loader reads
  /// no name of a folder: of a number that no folder has, and in the third layout, because it counts from the
  /// start of the file and ldconfig from the start of the newer layout, so it never takes such an entry (seen
  /// with glibc 2.36).
  std::string level = {};
  bool operator==(const LdCacheEntry&) const = default;
};

/// True if `hwcap` is an index into the names of glibc-hwcaps folders (low 32 bits) and not a mask: bit 62 is
/// the only one set in the upper half, apart from the ISA level in bits 32 to 41 (glibc 2.33).
inline bool names_hwcaps_folder(uint64_t hwcap) {
  constexpr uint64_t kIsaLevel = 0x3ff;
  return ((hwcap >> 32) & ~kIsaLevel) == uint64_t{1} << 30;
}

struct LdCache {
  std::vector<LdCacheEntry> entries = {};  ///< in their order, which is that of the loader's binary search
  /// What is wrong with the directory of extensions. The loader then takes none of the entries for
  /// glibc-hwcaps folders, whose level is "?", and all others.
  std::optional<Error> unread = {};
};

/// Where both layouts are in one file, the newer one, as glibc does. An error names the offset and what had
/// to be there.
Result<LdCache> read_ld_cache(Bytes file);

}  // namespace cufit::formats
