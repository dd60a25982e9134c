// SmallImages: what packed images that were unpacked once turned out to be.
//
// A library holds the same few stubs again and again (cublasLt of CUDA 13: 4,465 small images, 76 different
// ones), and comparing bytes is far cheaper than unpacking them.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/bytes.h"
#include "formats/cubin.h"

namespace cufit::formats {

class SmallImages {
 public:
  static constexpr size_t kMaxImages = 1024, kMaxSize = 8192;  ///< bounds the memory: 8 MiB

  /// What the first `size` bytes of the image with exactly these packed bytes were; null if it was not met
  /// yet.
  const std::optional<Cubin>* find(Packing packing, Bytes packed, uint64_t size) const;

  /// Remembers it, as long as there is room. `cubin` is empty for what is no cubin.
  void add(Packing packing, Bytes packed, uint64_t size, const std::optional<Cubin>& cubin);

 private:
  struct Seen {
    Packing packing;
    uint64_t size;
    std::vector<uint8_t> packed;
    std::optional<Cubin> cubin;
  };
  std::unordered_multimap<uint64_t, Seen> seen_;
};

}  // namespace cufit::formats
