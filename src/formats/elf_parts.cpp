#include "formats/elf_parts.h"

#include <algorithm>

namespace cufit::formats {
namespace {

constexpr uint32_t kLoad = 1, kDynamic = 2;  // p_type

}  // namespace

bool read_segments(const uint8_t* header, RandomBytes& file, std::vector<ElfSegment>& out) {
  uint64_t offset = load_at<uint64_t>(header + 32);
  uint16_t size = load_at<uint16_t>(header + 54), count = load_at<uint16_t>(header + 56);
  if (count == 0) return true;
  auto raw = size == 56 && count <= kMaxSegments ? file.view(offset, uint64_t{56} * count) : std::nullopt;
  if (!raw) return false;
  for (unsigned i = 0; i < count; i++) {
    const uint8_t* h = raw->data() + size_t{56} * i;
    out.push_back({load_at<uint32_t>(h), load_at<uint32_t>(h + 4), load_at<uint64_t>(h + 8),
                   load_at<uint64_t>(h + 16), load_at<uint64_t>(h + 32)});
  }
  return true;
}

std::optional<uint64_t> offset_of(const std::vector<ElfSegment>& segments, uint64_t address) {
  for (const auto& s : segments)
    if (s.type == kLoad && address >= s.address && address - s.address < s.size)
      return s.offset + (address - s.address);
  return std::nullopt;
}

DynamicEntries dynamic_entries(const std::vector<ElfSegment>& segments, RandomBytes& file) {
  DynamicEntries entries;
  for (const auto& s : segments) {
    if (s.type != kDynamic) continue;
    auto raw = file.view(s.offset, std::min<uint64_t>(s.size, 16 * kMaxDynamic));
    for (size_t i = 0; raw && i + 16 <= raw->size(); i += 16) {
      uint64_t tag = load_at<uint64_t>(raw->data() + i);
      if (tag == 0) break;
      entries.emplace(tag, load_at<uint64_t>(raw->data() + i + 8));
    }
    break;
  }
  return entries;
}

}  // namespace cufit::formats
