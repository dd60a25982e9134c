#include "knowledge/near_miss.h"

#include <algorithm>
#include <tuple>

namespace cufit {

size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> two_up(b.size() + 1), up(b.size() + 1), row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); j++) row[j] = j;
  for (size_t i = 1; i <= a.size(); i++) {
    two_up.swap(up);
    up.swap(row);
    row[0] = i;
    for (size_t j = 1; j <= b.size(); j++) {
      row[j] = std::min({up[j] + 1, row[j - 1] + 1, up[j - 1] + (a[i - 1] != b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], two_up[j - 2] + 1);
    }
  }
  return row[b.size()];
}

std::vector<std::string> near_misses(std::string_view query, const std::vector<std::string>& names) {
  constexpr size_t most = 4, longest = 40, shortest_part = 4;
  if (query.size() < 2 || query.size() > longest) return {};
  // Distance; then what typing slips keep: the same characters, the first one, the length.
  using Ranked = std::tuple<size_t, bool, bool, size_t, std::string>;
  std::vector<Ranked> near;
  size_t allowed = std::max<size_t>(1, query.size() / 3);
  for (auto& name : names) {
    size_t difference = std::max(query.size(), name.size()) - std::min(query.size(), name.size());
    size_t distance = difference <= allowed ? edit_distance(query, name) : allowed + 1;
    bool inside = query.size() >= shortest_part && name.size() >= shortest_part &&
                  (name.find(query) != name.npos || query.find(name) != query.npos);
    if (distance > allowed && !inside) continue;
    bool other_characters = !std::ranges::is_permutation(query, name);
    bool other_start = name.empty() || name[0] != query[0];
    near.emplace_back(std::min(distance, allowed + 1), other_characters, other_start, difference, name);
  }
  std::ranges::sort(near);
  std::vector<std::string> best;
  for (auto& ranked : near)
    if (best.size() < most) best.push_back(std::move(std::get<std::string>(ranked)));
  return best;
}

}  // namespace cufit
