#include "formats/magic.h"

#include <array>
#include <bit>

#include "formats/fatbin.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace cufit::formats {
namespace {

/// First two bytes of each mark; a hit is confirmed on all of them.
struct Pair {
  uint8_t first, second;
};
constexpr std::array<Pair, 5> kPairs{{{0x50, 0xED}, {0xB1, 0x43}, {0x7F, 'E'}, {0x28, 0xB5}, {'.', 'v'}}};

/// Which mark starts at p (8 readable bytes), if any.
bool confirm(const uint8_t* p, Mark& mark) {
  uint64_t v = load_at<uint64_t>(p);
  uint32_t low = uint32_t(v), high = uint32_t(v >> 32);
  if (v == fatbin::kHead) return mark = Mark::fatbin, true;
  if (low == 0x466243B1 && (high == 1 || high == 2)) return mark = Mark::wrapper, true;
  if (low == 0x464c457f && (high & 0xffff) == 0x0102) return mark = Mark::elf, true;
  if (low == 0xFD2FB528) return mark = Mark::zstd, true;
  if (v == 0x6e6f69737265762eull) return mark = Mark::ptx, true;  // ".version"
  return false;
}

MarkHit find_scalar(Bytes b, size_t from) {
  Mark mark{};
  for (size_t i = from; i + kMarkSize <= b.size(); i++)
    for (auto pair : kPairs)
      if (b[i] == pair.first && b[i + 1] == pair.second && confirm(b.data() + i, mark)) return {i, mark};
  return {b.size(), mark};
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) MarkHit find_avx2(Bytes b) {
  __m256i first[kPairs.size()], second[kPairs.size()];
  for (size_t k = 0; k < kPairs.size(); k++) {
    first[k] = _mm256_set1_epi8(char(kPairs[k].first));
    second[k] = _mm256_set1_epi8(char(kPairs[k].second));
  }
  const uint8_t* p = b.data();
  size_t i = 0;
  for (; i + 32 + kMarkSize <= b.size(); i += 32) {
    __m256i here = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p + i));
    __m256i next = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p + i + 1));
    __m256i hit = _mm256_setzero_si256();
    for (size_t k = 0; k < kPairs.size(); k++)
      hit = _mm256_or_si256(
          hit, _mm256_and_si256(_mm256_cmpeq_epi8(here, first[k]), _mm256_cmpeq_epi8(next, second[k])));
    Mark mark{};
    for (auto bits = unsigned(_mm256_movemask_epi8(hit)); bits; bits &= bits - 1) {
      size_t at = i + size_t(std::countr_zero(bits));
      if (confirm(p + at, mark)) return {at, mark};
    }
  }
  return find_scalar(b, i);
}
#endif

}  // namespace

MarkHit find_mark(Bytes b) {
  Mark mark{};
  if (b.size() >= kMarkSize && confirm(b.data(), mark)) return {0, mark};  // containers lie back to back
#if defined(__x86_64__)
  static const bool avx2 = __builtin_cpu_supports("avx2");
  if (avx2) return find_avx2(b);
#endif
  return find_scalar(b, 0);
}

}  // namespace cufit::formats
