// Environment markers of requirements (PEP 508): does a condition hold in an environment?
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cufit::collect {

/// What is known of the place where a distribution is installed; empty: not known.
struct MarkerPlace {
  enum class System : uint8_t { linux, windows, unknown };
  std::string machine;  ///< platform_machine: "x86_64", "aarch64"
  std::string python;   ///< python_version: "3.12"
  System system = System::linux;
};

/// Does the marker hold there with CPython and without extras? Nothing where that depends on something
/// that is not known, or where the marker is not of the form of PEP 508.
std::optional<bool> marker_holds(std::string_view marker, const MarkerPlace& place);

}  // namespace cufit::collect
