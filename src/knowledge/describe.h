// Any row as names and values in words, for `show`: fields that say nothing are left out.
#pragma once

#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "knowledge/rows.h"

namespace cufit {

/// One field of a row. Lists have several values; structs in a row give "first_driver.version".
struct FieldText {
  std::string name;
  std::vector<std::string> values;
};

/// A visitor for fields() that collects them as text.
class RowDescriber {
 public:
  template <class T>
  void operator()(std::string_view key, const T& member) {
    auto name = prefix_ + std::string(key);
    if constexpr (is_list<T>) {
      FieldText field{name, {}};
      for (auto& item : member) field.values.push_back(text(item));
      if (!field.values.empty()) fields_.push_back(std::move(field));
    } else if constexpr (is_struct<T>()) {
      auto outer = std::exchange(prefix_, name + '.');
      T::fields(*this, member);
      prefix_ = outer;
    } else if (auto value = text(member); !value.empty()) {
      fields_.push_back({name, {std::move(value)}});
    }
  }
  template <class T>
  void required(std::string_view key, const T& member) {
    (*this)(key, member);
  }
  template <class T>
  void derived(std::string_view, const T&) {}  // the id says it
  template <class T>
  void inlined(std::string_view, const T& member) {
    T::fields(*this, member);
  }

  std::vector<FieldText> take() { return std::move(fields_); }

 private:
  template <class T>
  static constexpr bool is_struct() {
    return requires(RowDescriber& v, const T& m) { T::fields(v, m); };
  }

  template <class T>
  static std::string text(const T& value) {
    if constexpr (is_optional<T>)
      return value ? text(*value) : std::string();
    else if constexpr (std::is_same_v<T, bool>)
      return value ? "yes" : "no";
    else if constexpr (std::is_same_v<T, std::string_view>)
      return std::string(value);
    else if constexpr (std::is_same_v<T, DriverVersion>)
      return std::string(value.text);
    else if constexpr (std::is_same_v<T, Sm> || std::is_same_v<T, Cuda>)
      return value.dotted();
    else if constexpr (std::is_same_v<T, Isa>)
      return std::to_string(value.major) + '.' + std::to_string(value.minor);
    else if constexpr (std::is_enum_v<T>)
      return std::string(enum_name(value));
    else if constexpr (std::is_integral_v<T>)
      return std::to_string(value);
    else {  // a struct in a list: its fields on one line
      RowDescriber inner;
      T::fields(inner, value);
      std::string all;
      for (auto& field : inner.fields_)
        for (auto& item : field.values) all += (all.empty() ? "" : ", ") + field.name + ' ' + item;
      return all;
    }
  }

  std::string prefix_;
  std::vector<FieldText> fields_;
};

template <class Row>
std::vector<FieldText> describe(const Row& row) {
  RowDescriber describer;
  Row::fields(describer, row);
  return describer.take();
}

}  // namespace cufit
