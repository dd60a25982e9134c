// Finds which of many eight-byte texts lie in a block of bytes, at more than memory's speed for text that holds
// none.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

namespace cufit::collect {

/// A window of four bytes is looked at every fifth byte only: wherever an anchor of eight bytes lies, one of its
/// five windows is among them. A bitmap tells the windows of anchors from others.
class LogAnchors {
 public:
  static constexpr size_t size = 8;

  explicit LogAnchors(std::span<const std::string_view> anchors);

  /// Calls found(offset, anchor) for each anchor in [from, to) of the text, in ascending order but for those
  /// that overlap. Looks at bytes behind `to` that belong to one that begins before.
  template <class Found>
  void search(std::string_view text, size_t from, size_t to, Found found) const {
    constexpr size_t window = 4, stride = size - window + 1;
    auto* bytes = text.data();
    if (text.size() < size) return;
    size_t last = std::min(to + stride, text.size() - window + 1);
    auto* bits = bits_.data();
    for (size_t at = from; at < last; at += stride) {
      uint32_t hash = hash_of(bytes + at);
      if (!(bits[hash >> 6] >> (hash & 63) & 1)) [[likely]]
        continue;
      for (uint32_t i = first_[hash >> bucket_shift]; i < first_[(hash >> bucket_shift) + 1]; i++) {
        auto& entry = entries_[i];
        if (at < from + entry.offset) continue;
        size_t begin = at - entry.offset;
        if (begin >= to || begin + size > text.size()) continue;
        if (std::memcmp(bytes + begin, entry.bytes.data(), size) == 0) found(begin, entry.anchor);
      }
    }
  }

 private:
  struct Entry {
    std::array<char, size> bytes;
    uint32_t anchor;
    uint32_t offset;  ///< of the window in the anchor
    uint32_t hash;
  };
  // The bitmap must hold few of the windows that are none: 6,000 of them in 2^19 bits are one per cent, and 64 KiB
  // stay in the cache.
  static constexpr unsigned hash_bits = 19, bucket_bits = 13, bucket_shift = hash_bits - bucket_bits;
  static uint32_t hash_of(const char* at) {
    uint32_t four;
    std::memcpy(&four, at, sizeof four);
    return (four * 0x9e3779b1u) >> (32 - hash_bits);
  }

  std::vector<uint64_t> bits_;
  std::vector<Entry> entries_;   ///< by hash
  std::vector<uint32_t> first_;  ///< of entries, by the upper bits of the hash
};

/// Ends of lines ('\n') in a text.
uint64_t count_lines(std::string_view text);

}  // namespace cufit::collect
