#include "formats/small_images.h"

#include <algorithm>

namespace cufit::formats {
namespace {

/// Size and last bytes tell most images apart; the comparison of all bytes decides.
uint64_t key_of(Bytes packed) {
  uint64_t tail = packed.size() >= 8 ? load_at<uint64_t>(packed.data() + packed.size() - 8) : 0;
  return tail ^ (uint64_t{packed.size()} << 48);
}

}  // namespace

const std::optional<Cubin>* SmallImages::find(Packing packing, Bytes packed, uint64_t size) const {
  auto [it, end] = seen_.equal_range(key_of(packed));
  for (; it != end; ++it)
    if (it->second.packing == packing && it->second.size == size &&
        std::ranges::equal(it->second.packed, packed))
      return &it->second.cubin;
  return nullptr;
}

void SmallImages::add(Packing packing, Bytes packed, uint64_t size, const std::optional<Cubin>& cubin) {
  if (packed.size() > kMaxSize || seen_.size() >= kMaxImages) return;
  seen_.emplace(key_of(packed), Seen{packing, size, {packed.begin(), packed.end()}, cubin});
}

}  // namespace cufit::formats
