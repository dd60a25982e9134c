// Finds which of many eight-byte texts lie in a block of bytes, at more than memory's speed for text that
// holds none.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

namespace cufit::collect {

/// A window of four bytes is looked at every fifth byte only: wherever an anchor of eight bytes lies, one of
/// its five windows is among them. A bitmap tells the windows of anchors from others. Windows of common words
/// ("memo", "CUDA") are in many logs, so a second bitmap of whole anchors is asked before any is compared.
class LogAnchors {
 public:
  static constexpr size_t size = 8;

  explicit LogAnchors(std::span<const std::string_view> anchors);

  /// Calls found(offset, anchor) for each anchor that begins in [from, to) of the text. Looks at bytes behind
  /// `to` that belong to one that begins before.
  template <class Found>
  void search(std::string_view text, size_t from, size_t to, Found found) const {
    auto* bytes = text.data();
    if (text.size() < size) return;
    size_t last = std::min(to + stride, text.size() - window + 1);
    auto* bits = windows_.data();
    // First without a branch which windows may be of an anchor, then those: a processor that guesses a branch
    // wrong for one window in fifteen would take twice as long.
    std::array<size_t, 512> maybe;
    for (size_t at = from; at < last;) {
      size_t n = 0;
      for (size_t end = std::min(last, at + maybe.size() * stride); at < end; at += stride) {
        uint32_t hash = hash_of(bytes + at);
        maybe[n] = at;
        n += bits[hash >> 6] >> (hash & 63) & 1;
      }
      for (size_t i = 0; i < n; i++) compare_around(text, maybe[i], from, to, found);
    }
  }

 private:
  struct Entry {
    uint64_t bytes;
    uint32_t anchor;
  };
  static constexpr size_t window = 4, stride = size - window + 1;
  // The bitmaps must hold few of the texts that are none: 6,000 windows in 2^18 bits are two per cent, and 32
  // KiB stay in the cache.
  static constexpr unsigned window_bits = 18, anchor_bits = 15, bucket_bits = 12;

  static uint32_t hash_of(const char* at) {
    uint32_t four;
    std::memcpy(&four, at, sizeof four);
    return (four * 0x9e3779b1u) >> (32 - window_bits);
  }
  static uint64_t bytes_at(const char* at) {
    uint64_t eight;
    std::memcpy(&eight, at, sizeof eight);
    return eight;
  }
  static uint32_t hash_of(uint64_t eight) {
    return uint32_t((eight * 0x9e3779b97f4a7c15u) >> (64 - anchor_bits));
  }

  /// The anchor of a window at `at` began at one of five bytes.
  template <class Found>
  void compare_around(std::string_view text, size_t at, size_t from, size_t to, Found& found) const {
    size_t first = std::max(from, at >= stride - 1 ? at - (stride - 1) : 0);
    size_t last = std::min({at + 1, to, text.size() - size + 1});
    for (size_t begin = first; begin < last; begin++) {
      auto hash = hash_of(bytes_at(text.data() + begin));
      if (anchors_[hash >> 6] >> (hash & 63) & 1) compare(text.data(), begin, found);
    }
  }

  template <class Found>
  void compare(const char* bytes, size_t begin, Found& found) const {
    auto eight = bytes_at(bytes + begin);
    auto bucket = hash_of(eight) >> (anchor_bits - bucket_bits);
    for (uint32_t i = first_[bucket]; i < first_[bucket + 1]; i++)
      if (entries_[i].bytes == eight) found(begin, entries_[i].anchor);
  }

  std::vector<uint64_t> windows_, anchors_;  ///< bitmaps
  std::vector<Entry> entries_;               ///< by hash
  std::vector<uint32_t> first_;              ///< of entries, by the upper bits of the hash
};

/// Ends of lines ('\n') in a text.
uint64_t count_lines(std::string_view text);

}  // namespace cufit::collect
