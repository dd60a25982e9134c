// Fact<T>: a value with its source; "absent" and "could not be read" are answers of their own, not sentinels.
#pragma once

#include <string>
#include <utility>
#include <variant>

namespace cufit {

/// Where a fact comes from, written as "kind:where" (arg:--gpu, knowledge:gpu/a800-sxm4-80gb,
/// path:/proc/...).
struct Source {
  /// `call` and `log` stand in recordings of machines; cufit reads them, and gives none yet. `assumed` is
  /// that of an absent fact.
  enum class Kind { path, call, arg, knowledge, log, assumed };
  Kind kind = Kind::assumed;
  std::string where;
  bool operator==(const Source&) const = default;
};

struct Absent {
  bool operator==(const Absent&) const = default;
};
struct Unreadable {
  std::string why;
  bool operator==(const Unreadable&) const = default;
};

template <class T>
struct Fact {
  std::variant<Absent, T, Unreadable> is = Absent{};
  Source from = {};

  Fact() = default;
  Fact(T value, Source source) : is(std::move(value)), from(std::move(source)) {}
  const T* get() const { return std::get_if<T>(&is); }
  explicit operator bool() const { return get() != nullptr; }
  const T& operator*() const { return *get(); }
  const T* operator->() const { return get(); }
  bool operator==(const Fact&) const = default;
};

}  // namespace cufit
