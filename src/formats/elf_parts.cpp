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

uint64_t whole_size(const std::vector<ElfSegment>& segments, uint64_t size) {
  uint64_t whole = size;
  for (const auto& s : segments)
    if (s.type == kLoad && s.size <= UINT64_MAX - s.offset) whole = std::max(whole, s.offset + s.size);
  return whole > size ? whole : 0;
}

std::vector<std::pair<uint64_t, uint64_t>> dynamic_list(const std::vector<ElfSegment>& segments,
                                                        RandomBytes& file) {
  std::vector<std::pair<uint64_t, uint64_t>> list;
  // Of several glibc takes the last. That of a separate debug file is empty.
  const ElfSegment* dynamic = nullptr;
  for (const auto& s : segments)
    if (s.type == kDynamic) dynamic = &s;
  if (!dynamic) return list;
  auto raw = file.view(dynamic->offset, std::min<uint64_t>(dynamic->size, 16 * kMaxDynamic));
  for (size_t i = 0; raw && i + 16 <= raw->size(); i += 16) {
    uint64_t tag = load_at<uint64_t>(raw->data() + i);
    if (tag == 0) break;
    list.emplace_back(tag, load_at<uint64_t>(raw->data() + i + 8));
  }
  return list;
}

DynamicEntries dynamic_entries(const std::vector<ElfSegment>& segments, RandomBytes& file) {
  auto list = dynamic_list(segments, file);
  return {list.begin(), list.end()};
}

}  // namespace cufit::formats
