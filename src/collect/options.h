// What readers of targets are told, and how they tell how far they are.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

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
  /// A folder that is taken as the root file system: links below it, and in targets, do not leave it. Targets
  /// begin with it.
  /// No slash at its end.
  std::string system = {};
  bool cache = false;             ///< keep what was read of environments, and use what was kept
  std::string cache_folder = {};  ///< empty: default_cache_folder()
  /// ns. What was changed so shortly before it was read is not taken as unchanged the next time: another
  /// change may leave the same times, on file systems that count in seconds.
  int64_t settling = 2'000'000'000;
};

}  // namespace cufit::collect
