// read_once: values of texts that are few and asked for again and again, such as the versions in tables.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace cufit {

struct TransparentHash : std::hash<std::string_view> {
  using is_transparent = void;
};

/// T::parse(text), or T() if that gives nothing. Each text is read once in a thread and kept until its end.
template <class T>
const T& read_once(std::string_view text) {
  thread_local std::unordered_map<std::string, T, TransparentHash, std::equal_to<>> known;
  auto at = known.find(text);
  if (at == known.end()) at = known.emplace(text, T::parse(text).value_or(T())).first;
  return at->second;
}

}  // namespace cufit
