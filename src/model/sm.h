// Sm: a target of GPU code (sm_90a) or a GPU's compute capability (8.9).
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cufit {

/// Compute capability with the suffix of the code that was built for it. A GPU has no suffix.
struct Sm {
  enum class Suffix : uint8_t {
    none,
    a,  ///< architecture-specific: runs on exactly this compute capability
    f,  ///< family-specific: runs on the family members with an equal or higher minor
  };
  uint8_t major = 0, minor = 0;
  Suffix suffix = Suffix::none;

  auto operator<=>(const Sm&) const = default;
  Sm plain() const { return {major, minor, Suffix::none}; }
  /// 8.9 -> 89, 10.0a -> 100.
  unsigned number() const { return major * 10u + minor; }
  static Sm from_number(unsigned n, Suffix s = Suffix::none) { return {uint8_t(n / 10), uint8_t(n % 10), s}; }

  std::string dotted() const;  ///< "9.0a", as people write compute capabilities
  std::string name() const;    ///< "sm_90a", as compilers write targets
  std::string bare() const;    ///< "90a"

  /// Reads "8.9", "9.0a", "sm_90a", "compute_90a", "90a", "100f".
  static std::optional<Sm> parse(std::string_view text);
};

}  // namespace cufit
