#include "judge/log_memory.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "base/text.h"

namespace cufit {

namespace {

constexpr double kib = 1024, gib = kib * kib * kib;

/// What stands between two texts; empty if they do not.
std::string_view between(std::string_view text, std::string_view before, std::string_view after) {
  auto at = text.find(before);
  if (at == text.npos) return {};
  text.remove_prefix(at + before.size());
  auto end = text.find(after);
  return end == text.npos ? std::string_view() : text.substr(0, end);
}

/// Context, cuBLAS, cuDNN and NCCL take up to so much beside what the allocator counts.
constexpr double beside_allocator = 1.25 * gib;

/// What other processes hold; nothing if the message does not tell. PyTorch up to 2.0 does not say what this
/// process holds beside its tensors.
std::optional<double> held_by_others(const MemoryFigures& m) {
  if (!m.total || !m.free) return std::nullopt;
  if (m.process) return *m.total - *m.free - *m.process;
  if (!m.allocated || !m.unused) return std::nullopt;
  return *m.total - *m.free - *m.allocated - *m.unused - beside_allocator;
}

/// In pieces that hold enough bytes together. A job that fills the GPU has some such pieces, too: only where
/// they are many times the request, or much of the GPU, are they what is wrong.
bool is_fragmented(const MemoryFigures& m) {
  if (!m.free || !m.unused || *m.free + *m.unused < *m.request) return false;
  return *m.free >= *m.request || *m.unused >= 8 * *m.request || *m.unused >= 0.1 * *m.total;
}

std::string shown_size(double bytes) {
  char text[32];
  bool large = bytes >= gib;
  std::snprintf(text, sizeof text, "%.*f %s", large ? 2 : 0, bytes / (large ? gib : kib * kib),
                large ? "GiB" : "MiB");
  return text;
}

}  // namespace

std::optional<double> bytes_of(std::string_view size) {
  constexpr std::array<std::pair<std::string_view, double>, 11> units = {{{"", 1},
                                                                          {"bytes", 1},
                                                                          {"B", 1},
                                                                          {"KiB", kib},
                                                                          {"KB", kib},
                                                                          {"MiB", kib * kib},
                                                                          {"MB", kib * kib},
                                                                          {"GiB", gib},
                                                                          {"GB", gib},
                                                                          {"TiB", gib * kib},
                                                                          {"G", gib}}};
  std::string digits;
  size_t at = 0;
  for (; at < size.size() && (size[at] == '.' || size[at] == ',' || (size[at] >= '0' && size[at] <= '9'));
       at++)
    if (size[at] != ',') digits += size[at];
  auto unit = trimmed(size.substr(at));
  auto found = std::ranges::find(units, unit, &std::pair<std::string_view, double>::first);
  if (digits.empty() || found == units.end()) return std::nullopt;
  return std::strtod(digits.c_str(), nullptr) * found->second;
}

MemoryFigures memory_figures(const Sighting& s) {
  MemoryFigures m;
  auto take = [&](std::string_view name, std::optional<double>& out) {
    if (auto* value = s.captured(name)) out = bytes_of(*value);
  };
  take("request", m.request);
  take("total", m.total);
  take("free", m.free);
  take("allocated", m.allocated);
  take("allowed", m.allowed);
  if (std::optional<double> reserved; take("reserved", reserved), reserved && m.allocated)
    // "cached" of PyTorch up to 1.3 is what is not in use; "reserved in total" includes it.
    m.unused = *reserved >= *m.allocated ? *reserved - *m.allocated : *reserved;
  auto* rest = s.captured("oom");
  if (!rest) return m;
  std::string_view text = *rest;
  m.process = bytes_of(between(text, "this process has ", " memory in use"));
  m.allocated = bytes_of(between(text, "Of the allocated memory ", " is allocated by PyTorch"));
  if (auto size = between(text, "is allocated by PyTorch, and ", " is reserved by PyTorch"); !size.empty())
    m.unused = bytes_of(size);
  else if (auto pools = between(text, "private pools (e.g., CUDA Graphs), and ", " is reserved");
           !pools.empty())
    m.unused = bytes_of(pools);
  // "... memory in use. 1.40 GiB allowed; Of the allocated ..."
  if (auto before = text.substr(0, text.find(" allowed; ")); before.size() < text.size())
    m.allowed = bytes_of(trimmed(before.substr(before.rfind(". ") + 1)));
  return m;
}

MemoryKind memory_kind(const MemoryFigures& m) {
  if (!m.request || !m.total) return MemoryKind::unknown;
  bool odd = (m.process && *m.process > 4 * *m.total) || (m.allocated && *m.allocated > *m.total);
  if (odd) return MemoryKind::odd;
  if (*m.request > *m.total) return MemoryKind::impossible;
  if (m.allowed && m.allocated && *m.allocated + *m.request > *m.allowed) return MemoryKind::own_limit;
  if (is_fragmented(m)) return MemoryKind::fragmentation;
  auto others = held_by_others(m);
  if (others && *others > 0.05 * *m.total && *m.free + m.unused.value_or(0) + *others >= *m.request)
    return MemoryKind::other_process;
  return m.free ? MemoryKind::real : MemoryKind::unknown;
}

Text memory_words(const MemoryFigures& m) {
  auto kind = memory_kind(m);
  auto size = [](const std::optional<double>& bytes) { return bytes ? shown_size(*bytes) : "?"; };
  switch (kind) {
    case MemoryKind::impossible:
      return {"explain.memory.impossible", {{"request", size(m.request)}, {"total", size(m.total)}}};
    case MemoryKind::own_limit:
      return {"explain.memory.own-limit", {{"request", size(m.request)}, {"allowed", size(m.allowed)}}};
    case MemoryKind::fragmentation:
      return {"explain.memory.fragmentation",
              {{"request", size(m.request)}, {"free", size(m.free)}, {"unused", size(m.unused)}}};
    case MemoryKind::other_process:
      return {"explain.memory.other-process",
              {{"request", size(m.request)}, {"others", size(held_by_others(m))}, {"total", size(m.total)}}};
    case MemoryKind::real:
      return {"explain.memory.real",
              {{"request", size(m.request)}, {"free", size(m.free)}, {"total", size(m.total)}}};
    case MemoryKind::odd:
      return {"explain.memory.odd"};
    case MemoryKind::unknown:
      break;
  }
  return {};
}

}  // namespace cufit
