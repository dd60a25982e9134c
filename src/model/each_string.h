// each_string: every text in a value of the model, by the lists of members that JSON has.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/json_fields_machine.h"
#include "model/json_fields_probed.h"

namespace cufit {

/// Calls `change.text(key, string)` for every text, with the name of the member that holds it;
/// `change.variables(v)` for the variables of a machine as a whole, in both forms in which the model has
/// them; `change.files(f)` for a file index, whose paths are keys. Numbers, versions and names of enumerators
/// are no texts.
template <class Change>
class EachString {
 public:
  static constexpr bool writes = false;
  explicit EachString(Change& change) : change_(change) {}

  template <class T>
  void operator()(std::string_view key, T& value) {
    auto outer = std::exchange(key_, key);
    visit(value);
    key_ = outer;
  }
  template <class T>
  void opt(std::string_view key, T& value) {
    (*this)(key, value);
  }
  template <class T>
  void opt(std::string_view key, T& value, const T&) {
    (*this)(key, value);
  }
  void text(Text& t) {
    for (auto& [name, value] : t.args) (*this)(name, value);
  }
  template <class F>
  void object(std::string_view, F members) {
    members();
  }
  void at_least(std::string_view, std::optional<Version>&) {}
  template <class N>
  void hex(std::string_view, N&, int) {}
  template <class N>
  void octal(std::string_view key, N& value) {
    (*this)(key, value);
  }
  void schema(std::string_view) {}
  void check(bool, std::string_view) {}

  void visit(std::string& s) { change_.text(key_, s); }
  void visit(Text& t) { text(t); }
  void visit(std::map<std::string, std::string>& variables) { change_.variables(variables); }
  void visit(std::vector<SetVariable>& variables) { change_.variables(variables); }
  void visit(FileIndex& files) { change_.files(files); }
  void visit(VersionNeed& need) { visit(need.library); }

  template <class T>
  void visit(std::optional<T>& o) {
    if (o) visit(*o);
  }
  template <class T>
  void visit(std::vector<T>& list) {
    for (auto& item : list) visit(item);
  }
  template <class T>
  void visit(Fact<T>& fact) {
    if (auto* value = std::get_if<T>(&fact.is)) visit(*value);
    if (auto* unreadable = std::get_if<Unreadable>(&fact.is)) (*this)("unreadable", unreadable->why);
    (*this)("from", fact.from.where);
  }
  template <class T>
  void visit(T& value) {
    if constexpr (requires { fields(*this, value); })
      fields(*this, value);
    else
      static_assert(std::is_arithmetic_v<T> || std::is_enum_v<T> || std::is_same_v<T, Version> ||
                    std::is_same_v<T, Sm> || std::is_same_v<T, Isa>);
  }

 private:
  Change& change_;
  std::string_view key_;
};

/// T: World, Report and every type in them.
template <class T, class Change>
void each_string(T& value, Change& change) {
  EachString<Change>(change).visit(value);
}

}  // namespace cufit
