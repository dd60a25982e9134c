// Version numbers compared field by field: 525.53 < 525.60.13 < 525.105.17.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cufit {

/// A dotted version. Keeps the text as written (driver versions have leading zeros: 470.129.06).
class Version {
 public:
  Version() = default;

  /// Reads "525.60.13", "12.4", "580". Digits and single dots only, at most 8 fields of at most 9 digits.
  static std::optional<Version> parse(std::string_view text);

  const std::string& text() const { return text_; }
  bool empty() const { return fields_.empty(); }
  size_t size() const { return fields_.size(); }
  /// Field i, 0 where there is none.
  uint32_t operator[](size_t i) const { return i < fields_.size() ? fields_[i] : 0; }
  uint32_t major() const { return (*this)[0]; }
  uint32_t minor() const { return (*this)[1]; }

  /// Missing fields count as 0: 525 == 525.0 < 525.60.
  friend std::strong_ordering operator<=>(const Version& a, const Version& b);
  friend bool operator==(const Version& a, const Version& b) { return (a <=> b) == 0; }

 private:
  std::string text_;
  std::vector<uint32_t> fields_;
};

/// The part of a text in front of the first byte that no version has: "580.95.05" of "580.95.05 Release".
std::string_view digits_and_dots(std::string_view text);

}  // namespace cufit
