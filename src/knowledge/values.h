// What the fields of rows are made of. Nothing here owns memory, and all of it can be a constant.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/version.h"

namespace cufit {

template <class T>
using List = std::span<const T>;
using Strings = List<std::string_view>;

/// A CUDA version ("12.4"): of a toolkit, or of a driver (`cuDriverGetVersion` 12040).
struct Cuda {
  uint8_t major = 0, minor = 0;
  auto operator<=>(const Cuda&) const = default;
  std::string dotted() const;
  /// From the first two fields of a version; nothing if a field is over 255 or there is no field.
  static std::optional<Cuda> from(const Version&);
  static std::optional<Cuda> parse(std::string_view dotted);
};

/// A driver version as the tables hold it ("525.60.13", "580.65.06"); empty where none is known.
struct DriverVersion {
  std::string_view text;
  bool empty() const { return text.empty(); }
  const Version& version() const;  ///< kept until the thread ends
  bool operator==(const DriverVersion&) const = default;
};

template <class T>
constexpr bool is_list = false;
template <class T>
constexpr bool is_list<List<T>> = true;
template <class T>
constexpr bool is_optional = false;
template <class T>
constexpr bool is_optional<std::optional<T>> = true;

}  // namespace cufit
