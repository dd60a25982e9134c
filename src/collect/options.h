// What readers of targets are told, and how they tell how far they are.
#pragma once

#include <atomic>
#include <cstdint>

#include "model/image.h"

namespace cufit::collect {

/// Counters that a reader raises while it works; another thread may show them.
struct Progress {
  std::atomic<uint64_t> done{0}, total{0};  ///< bytes
  std::atomic<uint64_t> files{0};
};

struct Options {
  Pass pass = Pass::full;
  Progress* progress = nullptr;
};

}  // namespace cufit::collect
