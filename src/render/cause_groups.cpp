#include "render/cause_groups.h"

#include <algorithm>
#include <numeric>
#include <set>
#include <tuple>

namespace cufit::render {

namespace {

/// Worst verdict first, then the most machines.
void sort(CauseGroups& groups) {
  std::vector<uint32_t> order(groups.all.size()), place(groups.all.size());
  std::iota(order.begin(), order.end(), 0u);
  std::ranges::stable_sort(order, std::greater(), [&](uint32_t i) {
    return std::pair(groups.all[i].verdict, groups.all[i].machines);
  });
  std::vector<CauseGroup> sorted;
  for (uint32_t i = 0; i < order.size(); i++) {
    place[order[i]] = i;
    sorted.push_back(std::move(groups.all[order[i]]));
  }
  groups.all = std::move(sorted);
  for (auto& g : groups.of_judgement)
    if (g != Matrix::none) g = place[g];
}

}  // namespace

CauseGroups cause_groups(const Matrix& matrix, Verdict least) {
  auto& judgements = matrix.report().judgements;
  CauseGroups groups;
  groups.of_judgement.assign(judgements.size(), Matrix::none);
  std::map<std::tuple<Verdict, std::vector<uint32_t>, std::string, int>, uint32_t> known;
  auto group_of = [&](uint32_t i) {
    auto& j = judgements[i];
    auto& place = groups.of_judgement[i];
    if (place != Matrix::none) return place;
    auto findings = matrix.findings(i);
    std::vector<uint32_t> list(findings.begin(), findings.end());
    auto [at, is_new] = known.emplace(std::tuple(j.verdict, list, j.why.text.id, j.fails ? j.fails->code : 0),
                                      uint32_t(groups.all.size()));
    if (is_new) groups.all.push_back({j.verdict, std::move(list), {}, {}, 0});
    groups.all[at->second].judgements.push_back(i);
    return place = at->second;
  };
  for (size_t row = 0; row < matrix.rows(); row++)
    for (size_t c = 0; c < matrix.columns().size(); c++) {
      auto* j = matrix.at(row, c);
      if (!j || j->verdict < least) continue;
      auto& group = groups.all[group_of(matrix.index(row, c))];
      group.columns[c].push_back(uint32_t(row));
      group.machines += matrix.columns()[c].machines();
    }
  sort(groups);
  return groups;
}

std::vector<std::pair<std::vector<uint32_t>, std::vector<size_t>>> rectangles(const CauseGroup& group) {
  std::map<std::vector<uint32_t>, std::vector<size_t>> by_rows;
  for (auto& [column, rows] : group.columns) by_rows[rows].push_back(column);
  return {by_rows.begin(), by_rows.end()};
}

std::vector<Text> reasons(const CauseGroup& group, const Report& report) {
  std::vector<Text> list;
  std::set<std::pair<std::string, decltype(Text::args)>> known;
  for (auto i : group.judgements) {
    auto& text = report.judgements[i].why.text;
    if (known.emplace(text.id, text.args).second) list.push_back(text);
  }
  return list;
}

const Remedy* least_change(const CauseGroup& group, const Report& report) {
  for (auto f : group.findings)
    if (auto& remedies = report.findings[f].remedies; !remedies.empty()) return &remedies[0];
  return nullptr;
}

}  // namespace cufit::render
