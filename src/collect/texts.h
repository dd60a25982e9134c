// Small texts of an environment.
#pragma once

#include <algorithm>
#include <optional>
#include <string>

#include "base/file.h"
#include "collect/cache.h"
#include "collect/links.h"

namespace cufit::collect {

/// Reads texts below `system` (as in Options) and tells the cache of them.
class Texts {
 public:
  Texts(const std::string& system, Cache& cache) : system_(system), cache_(cache) {}

  /// The text of a file up to `max` bytes; nothing if it cannot be read.
  std::optional<std::string> read(const std::string& path, uint64_t max) const {
    auto real = system_.empty() ? path : follow(path, system_).value_or(std::string());
    cache_.look(real.empty() ? path : real);
    auto file = File::open(real);
    if (!file) return std::nullopt;
    std::string text(size_t(std::min(file->size(), max)), '\0');
    if (!file->read_at(0, {reinterpret_cast<uint8_t*>(text.data()), text.size()})) return std::nullopt;
    return text;
  }

 private:
  const std::string& system_;
  Cache& cache_;
};

}  // namespace cufit::collect
