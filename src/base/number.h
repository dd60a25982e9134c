// Numbers as files and people write them.
#pragma once

#include <algorithm>
#include <charconv>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cufit {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Digits and nothing else, at least one.
constexpr bool all_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_digit);
}

/// Takes the number that a text begins with off it. A minus counts where T has one; neither a plus nor a
/// blank does. Nothing, and nothing is taken, if there is none or T cannot hold it.
template <std::integral T>
std::optional<T> take_number(std::string_view& text, int base = 10) {
  T n = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n, base);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(size_t(end - text.data()));
  return n;
}

/// The same of a text that is a number and nothing else.
template <std::integral T>
std::optional<T> whole_number(std::string_view text, int base = 10) {
  auto n = take_number<T>(text, base);
  return text.empty() ? n : std::nullopt;
}

/// With zeros in front of it where it has fewer digits; the base is at least 8.
inline std::string in_base(uint64_t n, int base, size_t digits) {
  char text[24];
  auto end = std::to_chars(text, text + sizeof text, n, base).ptr;
  std::string out(text, end);
  return out.size() < digits ? std::string(digits - out.size(), '0') + out : out;
}

}  // namespace cufit
