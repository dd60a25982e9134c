// Fact<T>: a value with its source; "absent" and "could not be read" are answers of their own, not sentinels.
#pragma once

#include <string>
#include <utility>
#include <variant>

namespace cufit {

/// Where a fact comes from, written as "kind:where" (arg:--gpu, knowledge:gpu/a800-sxm4-80gb,
/// path:/proc/...).
struct Source {
  /// `call`: what a function of the system answered (uname, gnu_get_libc_version). `log` stands in recordings
  /// only. `assumed`: nobody looked.
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

/// It is not there, or nobody looked for it.
template <class T>
bool is_absent(const Fact<T>& fact) {
  return std::holds_alternative<Absent>(fact.is);
}

/// Somebody looked, and it is not there.
template <class T>
bool looked_and_absent(const Fact<T>& fact) {
  return is_absent(fact) && fact.from.kind != Source::Kind::assumed;
}

}  // namespace cufit
