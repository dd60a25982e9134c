// Bytes that are not trusted: every access is checked, every integer is read as little-endian at any
// alignment.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>

namespace cufit {

using Bytes = std::span<const uint8_t>;

/// The n bytes from `off`, or nothing if they are not all there. No addition, so nothing can overflow.
inline std::optional<Bytes> slice(Bytes b, uint64_t off, uint64_t n) {
  if (off > b.size() || n > b.size() - off) return std::nullopt;
  return b.subspan(off, n);
}

/// Little-endian integer at `p`; the caller has checked that sizeof(T) bytes are there.
template <class T>
inline T load_at(const uint8_t* p) {
  static_assert(std::is_unsigned_v<T>);
  T v;
  std::memcpy(&v, p, sizeof v);
  if constexpr (std::endian::native == std::endian::big && sizeof(T) > 1) {
    T r = 0;
    for (size_t i = 0; i < sizeof(T); i++) r = T(r << 8) | (v >> (8 * i) & 0xff);
    v = r;
  }
  return v;
}

/// Little-endian integer at `off`, or nothing if it does not lie inside.
template <class T>
inline std::optional<T> load(Bytes b, uint64_t off) {
  auto s = slice(b, off, sizeof(T));
  if (!s) return std::nullopt;
  return load_at<T>(s->data());
}

/// The text from `off` up to a zero byte or the end; empty if `off` lies outside.
inline std::string_view text_at(Bytes b, uint64_t off) {
  if (off >= b.size()) return {};
  auto* p = reinterpret_cast<const char*>(b.data()) + off;
  return {p, strnlen(p, b.size() - off)};
}

inline std::string_view as_text(Bytes b) { return {reinterpret_cast<const char*>(b.data()), b.size()}; }

inline Bytes as_bytes(std::string_view s) { return {reinterpret_cast<const uint8_t*>(s.data()), s.size()}; }

}  // namespace cufit
