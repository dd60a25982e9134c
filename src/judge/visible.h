// VIS-1, RUN-8: does CUDA_VISIBLE_DEVICES leave the GPU to the program?
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "judge/rule.h"
#include "judge/sources.h"
#include "knowledge/knowledge.h"
#include "model/observed.h"

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
  bool by_index = false;  ///< an entry is a number: which GPU that is depends on CUDA_DEVICE_ORDER
};

/// What a program sees with this value of the variable on a machine with `count` GPUs. `uuids`: of all of
/// them, or empty where they are not known.
VisibleDevices visible_devices(std::string_view value, unsigned count,
                               std::span<const std::string> uuids = {});

/// In the order of the bus; empty if one of them is not known.
std::vector<std::string> uuids_of(const Observed&);

/// For each GPU of a machine that was looked at, whether the variable leaves it to programs. Yes for all
/// where it leaves none (judge_visibility tells that). Unknown where it names some by number and
/// CUDA_DEVICE_ORDER is not PCI_BUS_ID: CUDA numbers the fastest first then, by a rule that is not published.
std::vector<Answer> left_visible(const Machine&, const Observed&);

}  // namespace cufit
