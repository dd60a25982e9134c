// VIS-1, RUN-8: does CUDA_VISIBLE_DEVICES leave the GPU to the program?
#pragma once

#include <cstdint>
#include <span>
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
  unknown,    ///< names a GPU by a full UUID, and the machine's UUIDs are not known
};

struct VisibleDevices {
  Visibility first = Visibility::visible;
  std::vector<uint32_t> devices = {};  ///< indexes of the GPUs that are left
  /// The list was cut at a shortened UUID, taken to name no GPU.
  bool assumed_unknown_uuid = false;
};

/// What a program sees with this value of the variable on a machine with `count` GPUs. `uuids`: of all of
/// them, or empty where they are not known.
VisibleDevices visible_devices(std::string_view value, unsigned count,
                               std::span<const std::string> uuids = {});

}  // namespace cufit
