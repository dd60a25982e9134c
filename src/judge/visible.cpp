#include "judge/visible.h"

#include <cstdint>
#include <set>

#include "judge/number.h"

namespace cufit {

namespace {

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
    auto index = driver_number(token);
    if (!index || *index < 0 || uint32_t(*index) >= count) break;  // the list ends at the first bad entry
    if (!seen.insert(*index).second) return {Visibility::duplicate};
  }
  if (seen.empty()) result.first = Visibility::hidden;
  return result;
}

}  // namespace cufit
