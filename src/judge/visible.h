// VIS-1, RUN-8: does CUDA_VISIBLE_DEVICES leave the GPU to the program?
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "judge/rule.h"
#include "judge/sources.h"

namespace cufit {

inline constexpr Rule vis_1 = {"VIS-1", {source::environment}};
inline constexpr Rule run_8 = {"RUN-8", {source::measured}};
inline constexpr const Rule* visible_rules[] = {&vis_1, &run_8};

enum class Visibility : uint8_t {
  visible,
  hidden,     ///< no device: 100
  duplicate,  ///< the list names a device twice: 101
  unknown,    ///< what the first entry names nobody can tell: a UUID that is not known, or a GPU of which
              ///< nobody knows whether CUDA lists it
};

/// What CUDA lists before it reads the variable.
struct DeviceList {
  uint32_t least = 0, most = 0;  ///< how many devices there are, as far as that is known
  std::vector<std::string> uuids =
      {};  ///< of those that may be listed, in the order of the bus; empty: not known
  static DeviceList of(uint32_t count) { return {count, count}; }
};

struct VisibleDevices {
  Visibility first = Visibility::visible;
  std::set<uint32_t> numbers =
      {};  ///< entries that are numbers: which GPU that is depends on CUDA_DEVICE_ORDER
  std::set<uint32_t> by_uuid = {};  ///< places in DeviceList::uuids
  /// The list was cut at a shortened UUID, taken to name no GPU.
  bool assumed_unknown_uuid = false;
  bool cut = false;   ///< an entry names no device: what comes from it on does not count
  bool open = false;  ///< cut at a number of which nobody knows whether there is such a device
};

/// What a program sees with this value of the variable.
VisibleDevices visible_devices(std::string_view value, const DeviceList&);

}  // namespace cufit
