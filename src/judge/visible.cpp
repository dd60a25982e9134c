#include "judge/visible.h"

#include <cstdint>
#include <optional>
#include <set>

namespace cufit {

namespace {

/// As the driver reads a number: blanks, a sign, digits, whatever follows; modulo 2^32.
std::optional<int32_t> number_of(std::string_view token) {
  size_t i = token.find_first_not_of(" \t\n\v\f\r");
  if (i == token.npos) return {};
  bool minus = token[i] == '-';
  if (minus || token[i] == '+') i++;
  if (i >= token.size() || token[i] < '0' || token[i] > '9') return {};
  uint32_t n = 0;
  for (; i < token.size() && token[i] >= '0' && token[i] <= '9'; i++) n = n * 10 + uint32_t(token[i] - '0');
  return int32_t(minus ? 0u - n : n);
}

/// "GPU-" and "MIG-" with all 36 characters of a UUID.
constexpr size_t full_uuid = 4 + 36;

}  // namespace

VisibleDevices visible_devices(std::string_view value, unsigned count) {
  std::set<int32_t> seen;
  VisibleDevices result;
  for (size_t begin = 0; begin <= value.size();) {
    size_t end = std::min(value.find(',', begin), value.size());
    auto token = value.substr(begin, end - begin);
    begin = end + 1;
    if (token.starts_with("GPU-") || token.starts_with("MIG-")) {
      if (token.size() >= full_uuid) return {Visibility::unknown};
      result.assumed_unknown_uuid = token.size() > 4;
      break;
    }
    auto index = number_of(token);
    if (!index || *index < 0 || uint32_t(*index) >= count) break;  // the list ends at the first bad entry
    if (!seen.insert(*index).second) return {Visibility::duplicate};
  }
  if (seen.empty()) result.first = Visibility::hidden;
  return result;
}

}  // namespace cufit
