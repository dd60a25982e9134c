#include "collect/retained.h"

#include <algorithm>

namespace cufit::collect {

Retained::Retained(uint64_t size, const Keep& keep, std::vector<Range> extra) : size_(size) {
  extra.push_back({0, keep.head});
  extra.push_back({size - std::min(size, keep.tail), keep.tail});
  std::ranges::sort(extra, {}, &Range::offset);
  for (auto r : extra) {
    if (r.offset >= size) continue;
    uint64_t end = r.offset + std::min(r.size, size - r.offset);
    if (!parts_.empty() && r.offset <= parts_.back().offset + parts_.back().size) {
      auto& last = parts_.back();
      last.size = std::max(last.offset + last.size, end) - last.offset;
    } else if (end > r.offset) {
      parts_.push_back({r.offset, end - r.offset, {}});
    }
  }
}

std::optional<Bytes> Retained::view(uint64_t off, uint64_t n) {
  if (off > size_ || n > size_ - off || n > max_view) return std::nullopt;
  if (n == 0) return Bytes{};
  for (const auto& p : parts_)
    if (off >= p.offset && off - p.offset <= p.size && n <= p.size - (off - p.offset))
      return slice(p.bytes, off - p.offset, n);  // nothing if the stream ended early
  missed_.push_back({off, n});
  return std::nullopt;
}

void RetainingStream::skip(uint64_t n) {
  if (done_) done_->fetch_add(n, std::memory_order_relaxed);
  auto& parts = kept_.parts_;
  while (n > 0) {
    uint64_t at = inner_.at();
    while (part_ < parts.size() && parts[part_].offset + parts[part_].size <= at) part_++;
    uint64_t step = n;
    if (part_ < parts.size() && parts[part_].offset > at) {
      step = std::min(n, parts[part_].offset - at);
    } else if (part_ < parts.size()) {
      auto& p = parts[part_];
      Bytes b = inner_.peek(1);
      step = std::min({n, uint64_t{b.size()}, p.offset + p.size - at});
      p.bytes.insert(p.bytes.end(), b.begin(), b.begin() + ptrdiff_t(step));
    }
    if (step == 0) return;  // the data ended before its time
    inner_.skip(step);
    if (inner_.at() == at) return;
    n -= step;
  }
}

}  // namespace cufit::collect
