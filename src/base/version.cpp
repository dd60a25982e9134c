#include "base/version.h"

#include <algorithm>

namespace cufit {

std::optional<Version> Version::parse(std::string_view text) {
  Version v;
  uint32_t field = 0;
  size_t digits = 0;
  for (char c : text) {
    if (c >= '0' && c <= '9' && digits < 9) {
      field = field * 10 + uint32_t(c - '0');
      digits++;
    } else if (c == '.' && digits > 0 && v.fields_.size() < 7) {
      v.fields_.push_back(field);
      field = 0;
      digits = 0;
    } else {
      return std::nullopt;
    }
  }
  if (digits == 0) return std::nullopt;
  v.fields_.push_back(field);
  v.text_ = text;
  return v;
}

std::strong_ordering operator<=>(const Version& a, const Version& b) {
  for (size_t i = 0; i < std::max(a.size(), b.size()); i++)
    if (auto c = a[i] <=> b[i]; c != 0) return c;
  return std::strong_ordering::equal;
}

std::string_view digits_and_dots(std::string_view text) {
  return text.substr(0, text.find_first_not_of("0123456789."));
}

}  // namespace cufit
