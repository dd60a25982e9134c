// Numbers that people write in base 16 or 8: PCI ids, flags, permissions.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cufit {

inline std::string in_base(uint64_t n, int base, size_t digits) {
  char text[24];
  auto end = std::to_chars(text, text + sizeof text, n, base).ptr;
  std::string out(text, end);
  return out.size() < digits ? std::string(digits - out.size(), '0') + out : out;
}

/// "0x20b5", with at least so many digits.
inline std::string in_hex(uint64_t n, int digits) { return "0x" + in_base(n, 16, size_t(digits)); }

/// "0666", as chmod(1) takes it.
inline std::string in_octal(uint64_t n) { return '0' + in_base(n, 8, 3); }

inline std::optional<uint64_t> from_base(std::string_view text, int base) {
  uint64_t n = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n, base);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return n;
}

/// Nothing unless it is "0x" and digits.
inline std::optional<uint64_t> from_hex(std::string_view text) {
  return text.starts_with("0x") ? from_base(text.substr(2), 16) : std::nullopt;
}

/// Nothing unless it is "0" and digits.
inline std::optional<uint64_t> from_octal(std::string_view text) {
  return text.starts_with('0') ? from_base(text, 8) : std::nullopt;
}

}  // namespace cufit
