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

/// How much of the beginning and the end of a stream is kept for questions that come later: enough for files
/// as linkers write them; the rest costs a second pass.
struct Keep {
  uint64_t head = uint64_t{24} << 20, tail = uint64_t{4} << 20;  ///< bytes
};

struct Options {
  Pass pass = Pass::full;
  Keep keep = {};
  Progress* progress = nullptr;
};

}  // namespace cufit::collect
