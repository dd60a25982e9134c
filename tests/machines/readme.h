// What the README of a machine must begin with, so that nobody takes a machine that was put together for one
// that somebody has.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"

namespace cufit::testing {

/// Is this a name as functions and folders have them?
inline bool is_name(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

/// What is wrong with a README; empty if nothing is. `machines`: the names of all.
inline std::string fault_of_readme(std::string_view text, const std::vector<std::string>& machines) {
  auto lines = split(text, '\n');
  std::string_view first = lines.empty() ? "" : lines[0];
  constexpr std::string_view derived = "origin: derived from ", composed = "origin: composed from ";
  if (first.starts_with(derived)) {
    auto words = split(first.substr(derived.size()), ' ');
    if (words.size() != 3 || words[1] != "by" || !is_name(words[2]))
      return "expected 'origin: derived from NAME by STEP'";
    // Of some recordings only what tells nothing of their owner is kept here.
    if (words[0] != "recording" && std::ranges::find(machines, words[0]) == machines.end())
      return "derived from '" + std::string(words[0]) + "', which is no machine here";
  } else if (first.starts_with(composed)) {
    if (!first.substr(composed.size()).starts_with("https://")) return "composed from what has no address";
  } else if (first != "origin: recorded") {
    return "the first line says neither recorded nor derived nor composed";
  }
  auto said =
      std::ranges::count_if(lines.begin() + 1, lines.end(), [](auto l) { return !trimmed(l).empty(); });
  if (said < 3 || said > 10) return "expected 3 to 10 lines behind the first, found " + std::to_string(said);
  return {};
}

}  // namespace cufit::testing
