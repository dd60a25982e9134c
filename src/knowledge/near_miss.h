// "Did you mean": which of many short names is nearest to one that was not found.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cufit {

/// Number of single edits (insert, delete, replace a character, swap two neighbours) from one text to the
/// other.
size_t edit_distance(std::string_view a, std::string_view b);

/// At most four of `names` that are near to `query`, nearest first. Near: up to one edit per three
/// characters, or one is contained in the other.
std::vector<std::string> near_misses(std::string_view query, const std::vector<std::string>& names);

}  // namespace cufit
