// Out of memory: the figures of a message, and which kind they say it is (rules OOM-01, OOM-02, OOM-05).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "model/log.h"
#include "model/text.h"

namespace cufit {

/// Bytes of "22.78 GiB", "0 bytes", "17,179,869,184"; nothing if it is no size.
std::optional<double> bytes_of(std::string_view size);

/// Figures of one message, in bytes.
struct MemoryFigures {
  std::optional<double> request, total, free;
  std::optional<double> process;    ///< all that this process holds, as the driver counts it
  std::optional<double> allocated;  ///< in tensors
  std::optional<double> unused;     ///< reserved by the allocator and not in use
  std::optional<double> allowed;    ///< the program set a limit of its own
};
MemoryFigures memory_figures(const Sighting&);

enum class MemoryKind : uint8_t {
  unknown,
  impossible,     ///< more than the GPU has
  own_limit,      ///< the program's own limit
  fragmentation,  ///< enough bytes, not in one piece
  other_process,  ///< others hold what is missing
  real,           ///< the job needs more
  odd,            ///< figures that cannot be: Windows and WSL fall back to system memory
};
MemoryKind memory_kind(const MemoryFigures&);

/// What the figures come to, in words: "explain.memory.KIND" with the figures; empty if nothing.
Text memory_words(const MemoryFigures&);

}  // namespace cufit
