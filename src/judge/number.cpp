#include "judge/number.h"

namespace cufit {

std::optional<int32_t> driver_number(std::string_view text) {
  size_t i = text.find_first_not_of(" \t\n\v\f\r");
  if (i == text.npos) return {};
  bool minus = text[i] == '-';
  if (minus || text[i] == '+') i++;
  if (i >= text.size() || text[i] < '0' || text[i] > '9') return {};
  uint64_t n = 0;
  for (; i < text.size() && text[i] >= '0' && text[i] <= '9'; i++) {
    auto digit = uint64_t(text[i] - '0');
    if (n > (UINT64_MAX - digit) / 10) return -1;
    n = n * 10 + digit;
  }
  return int32_t(uint32_t(minus ? 0 - n : n));
}

}  // namespace cufit
