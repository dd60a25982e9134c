#include "judge/visible.h"

#include <algorithm>
#include <optional>

#include "judge/number.h"

namespace cufit {

namespace {

/// "GPU-" and "MIG-" with all 36 characters of a UUID.
constexpr size_t full_uuid = 4 + 36;

/// The devices whose UUID begins so: CUDA takes prefixes that only one has.
std::vector<uint32_t> devices_with(std::string_view uuid, const DeviceList& list) {
  std::vector<uint32_t> found;
  for (uint32_t i = 0; i < list.uuids.size(); i++)
    if (list.uuids[i].starts_with(uuid)) found.push_back(i);
  return found;
}

/// What an entry by UUID names.
struct Named {
  std::optional<uint32_t> device = {};
  bool open = false;  ///< nobody can tell: a device whose UUID is not known may be it
};

Named named_by(std::string_view uuid, const DeviceList& list) {
  if (uuid.size() <= 4) return {};
  auto found = devices_with(uuid, list);
  if (found.size() > 1) return {};
  auto known = size_t(std::ranges::count_if(list.uuids, [](auto& u) { return !u.empty(); }));
  bool all_known = known == list.most;
  bool full = uuid.size() >= full_uuid;
  if (found.size() == 1 && (full || all_known)) return {found.front()};
  return {std::nullopt, !all_known};
}

}  // namespace

VisibleDevices visible_devices(std::string_view value, const DeviceList& list) {
  VisibleDevices result;
  auto& numbers = result.numbers;
  auto& by_uuid = result.by_uuid;
  for (size_t begin = 0; begin <= value.size();) {
    size_t end = std::min(value.find(',', begin), value.size());
    auto token = value.substr(begin, end - begin);
    begin = end + 1;
    result.cut = true;  // until the entry is understood: the list ends at the first bad one
    if (token.starts_with("GPU-") || token.starts_with("MIG-")) {
      auto named = token.starts_with("GPU-") ? named_by(token, list) : Named{.open = true};
      if (!named.device) {
        if (named.open && token.size() >= full_uuid) return {Visibility::unknown};
        result.assumed_unknown_uuid = named.open && token.size() > 4;
        break;
      }
      if (!by_uuid.insert(*named.device).second) return {Visibility::duplicate};
    } else {
      auto index = driver_number(token);
      if (!index || *index < 0 || uint32_t(*index) >= list.most) break;
      if (uint32_t(*index) >= list.least) {
        result.open = true;
        break;
      }
      if (!numbers.insert(uint32_t(*index)).second) return {Visibility::duplicate};
    }
    result.cut = false;
  }
  if (numbers.empty() && by_uuid.empty())
    result.first = result.open ? Visibility::unknown : Visibility::hidden;
  return result;
}

}  // namespace cufit
