#include "collect/log_anchors.h"

#include <algorithm>

namespace cufit::collect {

LogAnchors::LogAnchors(std::span<const std::string_view> anchors)
    : windows_((size_t{1} << window_bits) / 64),
      anchors_((size_t{1} << anchor_bits) / 64),
      first_((size_t{1} << bucket_bits) + 1) {
  auto set = [](std::vector<uint64_t>& bits, uint32_t hash) {
    bits[hash >> 6] |= uint64_t{1} << (hash & 63);
  };
  for (auto anchor : anchors) {
    for (size_t offset = 0; offset < stride; offset++) set(windows_, hash_of(anchor.data() + offset));
    auto eight = bytes_at(anchor.data());
    set(anchors_, hash_of(eight));
    entries_.push_back({eight, uint32_t(entries_.size())});
  }
  std::ranges::sort(entries_, {}, [](auto& entry) { return hash_of(entry.bytes); });
  size_t next = 0;
  for (size_t bucket = 0; bucket < first_.size(); bucket++) {
    while (next < entries_.size() && (hash_of(entries_[next].bytes) >> (anchor_bits - bucket_bits)) < bucket)
      next++;
    first_[bucket] = uint32_t(next);
  }
}

uint64_t count_lines(std::string_view text) {
  // Compilers turn the vectors into what the processor has; each lane counts up to 255.
  typedef uint8_t Lanes __attribute__((vector_size(16)));
  constexpr size_t width = sizeof(Lanes);
  const Lanes end = Lanes{} + uint8_t('\n');
  uint64_t n = 0;
  size_t at = 0;
  while (text.size() - at >= width) {
    Lanes counts = {};
    for (size_t rounds = std::min<size_t>((text.size() - at) / width, 255); rounds > 0;
         rounds--, at += width) {
      Lanes bytes;
      std::memcpy(&bytes, text.data() + at, width);
      counts -= Lanes(bytes == end);
    }
    for (size_t i = 0; i < width; i++) n += counts[i];
  }
  return n + uint64_t(std::count(text.begin() + at, text.end(), '\n'));
}

}  // namespace cufit::collect
