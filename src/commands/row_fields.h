// Any row of knowledge as fields of a card: the rows' own list of fields is walked, so none can be forgotten.
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <string>
#include <type_traits>

#include "knowledge/rows.h"
#include "render/card.h"
#include "render/phrase.h"

namespace cufit::commands {

// A value as people write it; empty if there is none.
inline std::string written(std::string_view s) { return std::string(s); }
inline std::string written(const DriverVersion& v) { return std::string(v.text); }
inline std::string written(Sm sm) { return sm.dotted(); }
inline std::string written(Cuda v) { return v.dotted(); }
inline std::string written(Isa isa) {
  return isa == Isa{} ? "" : std::to_string(isa.major) + '.' + std::to_string(isa.minor);
}
inline std::string written(bool b) { return b ? "yes" : "no"; }
inline std::string written(uint32_t n) { return n == 0 ? "" : std::to_string(n); }
template <class E>
  requires std::is_enum_v<E>
std::string written(E e) {
  return std::string(name_of(e));
}
template <class T>
std::string written(const std::optional<T>& v) {
  return v ? written(*v) : "";
}
template <class T>
std::string written(const List<T>& list) {
  std::string all;
  for (auto& item : list) all += (all.empty() ? "" : ", ") + written(item);
  return all;
}

template <class T>
concept WritesOnOneLine = requires(const T& v) { written(v); };

/// The fields of a nested row on one line: "branch R525, version 525.60.13".
class OnOneLine {
 public:
  template <class T>
  void operator()(std::string_view name, const T& value) {
    auto text = written(value);
    if (text.empty()) return;
    line_ += (line_.empty() ? "" : ", ") + std::string(name) + ' ' + text;
  }
  void required(std::string_view name, const auto& value) { (*this)(name, value); }

  static std::string of(const auto& row) {
    OnOneLine line;
    row.fields(line, row);
    return line.line_;
  }

 private:
  std::string line_;
};

/// Appends all fields of a row that say something to a card; sources go to its sources.
class RowFields {
 public:
  RowFields(render::Card& card, std::string_view table) : card_(card), table_(table) {}

  void operator()(std::string_view name, const Strings& lines) {
    if (name == "sources")
      card_.sources.assign(lines.begin(), lines.end());
    else if (std::ranges::find(lists_of_short_words, name) != lists_of_short_words.end())
      add(name, {written(lines)});
    else
      add(name, {lines.begin(), lines.end()});
  }
  template <class T>
  void operator()(std::string_view name, const List<T>& list) {
    if constexpr (WritesOnOneLine<T>) {
      add(name, {written(list)});
    } else {
      std::vector<std::string> lines;
      for (auto& item : list) lines.push_back(OnOneLine::of(item));
      add(name, lines);
    }
  }
  template <class T>
  void operator()(std::string_view name, const T& value) {
    if constexpr (WritesOnOneLine<T>)
      add(name, {written(value)});
    else
      add(name, {OnOneLine::of(value)});
  }
  void required(std::string_view name, const auto& value) {
    if (name != "id") (*this)(name, value);
  }
  void derived(std::string_view, const auto&) {}  // the id says it
  template <class T>
  void inlined(std::string_view, const T& part) {
    T::fields(*this, part);
  }

 private:
  static constexpr std::array<std::string_view, 8> lists_of_short_words = {
      "pci_ids",           "pci_subsystems", "shared_pci_ids",           "python",
      "python_linux_only", "platforms",      "compatible_base_branches", "incompatible_base_branches"};

  void add(std::string_view name, const std::vector<std::string>& lines) {
    render::Card::Field field{{label(name)}, {}};
    for (auto& line : lines)
      if (!line.empty()) field.values.push_back(render::literal(line));
    if (!field.values.empty()) card_.fields.push_back(std::move(field));
  }

  /// A field that means something else in this table has words of its own.
  std::string label(std::string_view name) const {
    auto own = "field." + table_ + '.' + std::string(name);
    return render::has_words(own) ? own : "field." + std::string(name);
  }

  render::Card& card_;
  std::string table_;
};

}  // namespace cufit::commands
