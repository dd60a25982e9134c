#include "loader/cache_lookup.h"

#include <algorithm>

#include "base/number.h"

namespace cufit {
namespace {

/// Flags of the libraries that a loader takes (_DL_CACHE_DEFAULT_ID): 3 is an ELF library for glibc, the
/// second byte is the architecture.
std::optional<int32_t> flags_of(const std::string& arch) {
  if (arch == "x86_64") return 0x0303;
  if (arch == "aarch64") return 0x0a03;
  if (arch == "ppc64le") return 0x0503;
  if (arch == "riscv64") return 0x1003;
  return std::nullopt;
}

/// A number as glibc adds it up, in 32 bits.
uint32_t take_wrapping(std::string_view& text) {
  uint32_t value = 0;
  while (!text.empty() && is_digit(text[0])) {
    value = value * 10 + uint32_t(text[0] - '0');
    text.remove_prefix(1);
  }
  return value;
}

// Bits 48 and 49 are i586 and i686, which count for programs of 32 bits alone (glibc 2.36, sysdeps/x86/dl-hwcap.h).
constexpr uint64_t kHaswell = uint64_t{1} << 50, kPhi = uint64_t{1} << 51;

/// The mask of entries that old ldconfig made for folders such as haswell and tls (up to glibc 2.36). The
/// names of processors count in 2.36 and not in 2.39; between the two nobody looked.
uint64_t accepted_mask(const Cpu& cpu, unsigned minor) {
  constexpr uint64_t kX8664 = 2, kAvx512 = 4, kTls = uint64_t{1} << 63;
  uint64_t mask = kX8664 | kTls;
  if (cpu.avx512_1) mask |= kAvx512;
  if (minor > 36) return mask;
  if (cpu.platform == "haswell") mask |= kHaswell;
  if (cpu.platform == "xeon_phi") mask |= kPhi;
  return mask;
}

/// Bits 32 to 41 of an entry for a glibc-hwcaps folder: the ISA levels that the file itself says it needs.
bool runs_here(uint64_t hwcap, const Cpu& cpu) {
  uint64_t needs = hwcap >> 32 & 0x3ff, has = 1;
  for (auto [level, bit] : {std::pair{"x86-64-v2", 2u}, {"x86-64-v3", 4u}, {"x86-64-v4", 8u}})
    if (std::ranges::find(cpu.levels, level) != cpu.levels.end()) has |= bit;
  return (needs & ~has) == 0;
}

}  // namespace

int compare_cached(std::string_view a, std::string_view b) {
  while (!a.empty()) {
    bool da = is_digit(a[0]), db = !b.empty() && is_digit(b[0]);
    if (da != db) return da ? 1 : -1;
    if (da) {
      uint32_t x = take_wrapping(a), y = take_wrapping(b);
      if (x != y) return int32_t(x - y) < 0 ? -1 : 1;
      continue;
    }
    if (b.empty() || a[0] != b[0]) return a[0] - (b.empty() ? '\0' : b[0]);
    a.remove_prefix(1);
    b.remove_prefix(1);
  }
  return b.empty() ? 0 : -1;
}

CacheAnswer look_up(const std::vector<CachedLibrary>& cache, const std::string& name, const std::string& arch,
                    const std::optional<Cpu>& cpu, std::optional<unsigned> minor) {
  auto flags = flags_of(arch);
  if (!flags) return {"", true};
  // A binary search in the order of the file, which glibc takes as it is.
  size_t left = 0, right = cache.size();
  std::optional<size_t> hit;
  while (left < right && !hit) {
    size_t middle = (left + right - 1) / 2;
    int order = compare_cached(name, cache[middle].soname);
    if (order == 0) hit = middle;
    // Descending: names with higher numbers come first.
    if (order < 0) left = middle + 1;
    if (order > 0) right = middle;
  }
  if (!hit) return {};
  size_t at = *hit;
  while (at > 0 && compare_cached(name, cache[at - 1].soname) == 0) at--;

  // Entries for glibc-hwcaps folders come first; among them the best level wins.
  std::optional<size_t> best_rank;
  CacheAnswer best;
  for (; at < right && compare_cached(name, cache[at].soname) == 0; at++) {
    const auto& entry = cache[at];
    if (entry.flags != *flags) continue;
    if (!entry.level.empty()) {
      if (minor && *minor < 33) continue;
      if (!cpu || !minor) return {entry.path, true};
      if (!runs_here(entry.hwcap, *cpu)) continue;
      auto rank = size_t(std::ranges::find(cpu->levels, entry.level) - cpu->levels.begin());
      if (rank == cpu->levels.size() || (best_rank && *best_rank <= rank)) continue;
      best_rank = rank;
      best.path = entry.path;
      continue;
    }
    if (best_rank) break;
    if (entry.hwcap != 0) {
      if (!cpu || !minor || *minor < 26) return {entry.path, true};
      if ((entry.hwcap & (kHaswell | kPhi)) && *minor > 36 && *minor < 39) return {entry.path, true};
      if (entry.hwcap & ~accepted_mask(*cpu, *minor)) continue;
    }
    best.path = entry.path;
    break;
  }
  return best;
}

}  // namespace cufit
