// ELF files of the host: where GPU code can lie in them, and what their dynamic section asks for.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/file.h"
#include "formats/found.h"

namespace cufit::formats {

struct ElfSection {
  std::string name;
  uint32_t type = 0;
  uint64_t flags = 0, address = 0, offset = 0, size = 0;
};

struct ElfSegment {
  uint32_t type = 0, flags = 0;
  uint64_t offset = 0, address = 0, size = 0;  ///< size in the file
};

struct Elf {
  uint16_t type = 0;                 ///< 1 relocatable, 2 executable, 3 shared object or PIE
  uint16_t machine = 0;              ///< 62 x86-64, 183 aarch64, 190 CUDA (a cubin: not read here)
  std::vector<ElfSection> sections;  ///< empty if the file has no section table
  std::vector<ElfSegment> segments;
  std::optional<std::string> soname, rpath, runpath;
  std::vector<std::string> needed;
  std::string build_id;     ///< lower-case hex
  uint64_t whole_size = 0;  ///< as ElfObject::whole_size
  std::vector<Gap> gaps;

  /// File offset of an address, through the loadable segments.
  std::optional<uint64_t> offset_of(uint64_t address) const;
};

/// True if `head` starts with the ELF magic.
bool is_elf(Bytes head);

/// Reads headers, section table and dynamic section. A gap instead of a result means that the file is no ELF
/// file of a kind that is read here (32-bit, big-endian, cut off); smaller damage is in Elf::gaps.
std::expected<Elf, Gap> read_elf(RandomBytes& file);

/// A run of bytes in which GPU code may lie.
struct ScanRange {
  uint64_t offset = 0, size = 0;
  std::string section;  ///< empty if the file has no sections
  bool tiled = false;   ///< a fatbin section
};

/// Where to look, ascending and without overlap. `usual_only`: just .nv_fatbin and __nv_relfatbin.
/// Without a section table the whole file is one range.
std::vector<ScanRange> scan_ranges(const Elf& elf, uint64_t file_size, bool usual_only);

/// File offsets of the containers that the device linker made: those that wrappers of version 2 point to.
std::set<uint64_t> device_linked(const Elf& elf, RandomBytes& file, const std::vector<Wrapper>& wrappers);

}  // namespace cufit::formats
