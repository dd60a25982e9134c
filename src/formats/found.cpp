#include "formats/found.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace cufit::formats {

void Found::add_module(uint64_t at, uint64_t size, std::vector<Image> images, bool loose) {
  std::ranges::stable_sort(images, {}, [](const Image& i) { return std::tuple(i.kind, i.arch, i.suffix); });
  bool no_more_shapes = ids_.size() >= kMaxShapes || images_ + images.size() > kMaxAllImages;
  if (modules_.size() >= kMaxModules || (no_more_shapes && !ids_.contains(images))) {
    if (!std::exchange(full_, true)) add_gap(GapKind::too_many, at);
    return;
  }
  auto [it, fresh] = ids_.try_emplace(std::move(images), ShapeId(shapes_.size()));
  if (fresh) {
    shapes_.push_back(&it->first);
    images_ += it->first.size();
  }
  modules_.push_back({at, size, it->second, loose});
}

void Found::add_gap(GapKind kind, uint64_t at, std::string detail) {
  if (gaps_.size() < kMaxGaps)
    gaps_.push_back({kind, at, std::move(detail)});
  else
    gaps_dropped_++;
}

void Found::add_wrapper(Wrapper w) {
  if (wrappers_.size() < kMaxModules) wrappers_.push_back(w);
}

void Found::merge(const Found& other, uint64_t base) {
  for (const auto& m : other.modules_) add_module(m.at + base, m.size, *other.shapes_[m.shape], m.loose);
  for (auto w : other.wrappers_) {
    w.at += base;
    add_wrapper(w);
  }
  for (const auto& g : other.gaps_) add_gap(g.kind, g.at + base, g.detail);
  gaps_dropped_ += other.gaps_dropped_;
  toolkits_.insert(other.toolkits_.begin(), other.toolkits_.end());
}

}  // namespace cufit::formats
