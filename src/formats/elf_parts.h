// What several readers of ELF files need: program headers, the entries of the dynamic section, notes.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "formats/elf.h"

namespace cufit::formats {

/// Program headers of a 64-bit little-endian file, whose first 64 bytes are `header`. False if they do not
/// lie in the file.
bool read_segments(const uint8_t* header, RandomBytes& file, std::vector<ElfSegment>& out);

/// File offset of an address, through the loadable segments.
std::optional<uint64_t> offset_of(const std::vector<ElfSegment>& segments, uint64_t address);

/// Bytes that a file of `size` bytes had before it was cut off: up to where its last loadable segment ends.
/// 0: all of that is there.
uint64_t whole_size(const std::vector<ElfSegment>& segments, uint64_t size);

/// Tags and values, in the order of the file.
std::vector<std::pair<uint64_t, uint64_t>> dynamic_list(const std::vector<ElfSegment>& segments,
                                                        RandomBytes& file);

/// Tag -> values, in the order of the file.
using DynamicEntries = std::multimap<uint64_t, uint64_t>;
DynamicEntries dynamic_entries(const std::vector<ElfSegment>& segments, RandomBytes& file);

inline std::optional<uint64_t> first(const DynamicEntries& entries, uint64_t tag) {
  auto it = entries.find(tag);
  return it == entries.end() ? std::nullopt : std::optional(it->second);
}

/// Calls f(type, name, description) for every note of a note section or segment, up to one that is cut off.
template <class F>
void for_each_note(Bytes b, F f) {
  while (b.size() >= 12) {
    uint64_t name = load_at<uint32_t>(b.data()), size = load_at<uint32_t>(b.data() + 4);
    uint64_t data = 12 + (name + 3) / 4 * 4, end = data + (size + 3) / 4 * 4;
    auto description = slice(b, data, size);
    if (!description) return;
    f(load_at<uint32_t>(b.data() + 8), as_text(b.subspan(12, size_t(name))), *description);
    b = b.subspan(std::min<uint64_t>(end, b.size()));
  }
}

namespace tag {
constexpr uint64_t kNeeded = 1, kStrTab = 5, kRela = 7, kRelaSz = 8, kStrSz = 10, kSoname = 14, kRpath = 15,
                   kRunpath = 29, kFlags1 = 0x6ffffffb, kVerDef = 0x6ffffffc, kVerDefNum = 0x6ffffffd,
                   kDepAudit = 0x6ffffefb, kAudit = 0x6ffffefc, kVerNeed = 0x6ffffffe,
                   kVerNeedNum = 0x6fffffff, kAuxiliary = 0x7ffffffd, kFilter = 0x7fffffff;
}

// Far above what linkers write, and small enough to be kept in memory while a wheel goes by.
constexpr size_t kMaxSegments = 512, kMaxDynamic = 10'000, kMaxNeeded = 1000, kMaxName = 4096;

}  // namespace cufit::formats
