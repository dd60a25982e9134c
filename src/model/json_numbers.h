// Numbers that people write in base 16 or 8: PCI ids, flags, permissions.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/number.h"

namespace cufit {

/// "0x20b5", with at least so many digits.
inline std::string in_hex(uint64_t n, int digits) { return "0x" + in_base(n, 16, size_t(digits)); }

/// "0666", as chmod(1) takes it.
inline std::string in_octal(uint64_t n) { return '0' + in_base(n, 8, 3); }

/// Nothing unless it is "0x" and digits.
inline std::optional<uint64_t> from_hex(std::string_view text) {
  return text.starts_with("0x") ? whole_number<uint64_t>(text.substr(2), 16) : std::nullopt;
}

/// Nothing unless it is "0" and digits.
inline std::optional<uint64_t> from_octal(std::string_view text) {
  return text.starts_with('0') ? whole_number<uint64_t>(text, 8) : std::nullopt;
}

}  // namespace cufit
