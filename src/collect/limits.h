// What a process may use: container, CPU, memory, /dev/shm.
#pragma once

#include <optional>
#include <string_view>

#include "collect/container.h"
#include "collect/root.h"
#include "model/observed.h"

namespace cufit::collect {

/// Of this process; in another root, of that which its /proc/self shows.
Limits observe_limits(const Root& root, const Variables& env);

/// Bytes of the option size= of a tmpfs: "65536k", "8g", "50%" of `memory` (0: not known).
std::optional<uint64_t> parse_size(std::string_view text, uint64_t memory);

/// MemTotal of /proc/meminfo in bytes.
std::optional<uint64_t> parse_memory_total(std::string_view text);

}  // namespace cufit::collect
