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
  using Ranked =
      std::tuple<size_t, bool, size_t, std::string>;  // distance, other letters, length difference, name
  std::vector<Ranked> near;
  for (auto& name : names) {
    size_t difference = std::max(query.size(), name.size()) - std::min(query.size(), name.size());
    size_t allowed = std::max<size_t>(1, query.size() / 3);
    if (difference <= allowed)
      if (auto distance = edit_distance(query, name); distance <= allowed) {
        near.emplace_back(distance, !std::ranges::is_permutation(query, name), difference, name);
        continue;
      }
    bool inside = query.size() >= shortest_part && name.size() >= shortest_part &&
                  (name.find(query) != name.npos || query.find(name) != query.npos);
    if (inside) near.emplace_back(allowed + 1, true, difference, name);
  }
  std::ranges::sort(near);
  std::vector<std::string> best;
  for (auto& ranked : near)
    if (best.size() < most) best.push_back(std::move(std::get<std::string>(ranked)));
  return best;
}

}  // namespace cufit
