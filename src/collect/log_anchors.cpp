#include "collect/log_anchors.h"

#include <algorithm>

namespace cufit::collect {

LogAnchors::LogAnchors(std::span<const std::string_view> anchors)
    : bits_((size_t{1} << hash_bits) / 64), first_((size_t{1} << bucket_bits) + 1) {
  entries_.reserve(anchors.size() * (size - 3));
  for (uint32_t a = 0; a < anchors.size(); a++)
    for (uint32_t offset = 0; offset + 4 <= size; offset++) {
      Entry entry{{}, a, offset, hash_of(anchors[a].data() + offset)};
      std::ranges::copy(anchors[a].substr(0, size), entry.bytes.begin());
      bits_[entry.hash >> 6] |= uint64_t{1} << (entry.hash & 63);
      entries_.push_back(entry);
    }
  std::ranges::sort(entries_, {}, &Entry::hash);
  size_t next = 0;
  for (size_t bucket = 0; bucket < first_.size(); bucket++) {
    while (next < entries_.size() && (entries_[next].hash >> bucket_shift) < bucket) next++;
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
    for (size_t rounds = std::min<size_t>((text.size() - at) / width, 255); rounds > 0; rounds--, at += width) {
      Lanes bytes;
      std::memcpy(&bytes, text.data() + at, width);
      counts -= Lanes(bytes == end);
    }
    for (size_t i = 0; i < width; i++) n += counts[i];
  }
  return n + uint64_t(std::count(text.begin() + at, text.end(), '\n'));
}

}  // namespace cufit::collect
