// Topics: what a fact is about. Facts of one topic change together on a machine (a driver that is not loaded
// shows in a dozen places), so they are tried together, in this order.
#pragma once

#include <cstdint>
#include <string_view>

namespace cufit {

/// What every program needs first comes first.
enum class Topic : uint8_t {
  driver,
  gpus,
  nodes,
  driver_libraries,
  limits,
  host,
  variables,
  packages,
  rest,
  files,
  loads,
};

Topic topic_of(std::string_view fact);

}  // namespace cufit
