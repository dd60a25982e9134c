#include "render/matrix.h"

#include <algorithm>
#include <ranges>
#include <string_view>
#include <tuple>
#include <unordered_map>

#include "render/labels.h"

namespace cufit::render {

namespace {

using Index = std::unordered_map<std::string_view, uint32_t>;

Index index_of(const auto& items) {
  Index index;
  for (uint32_t i = 0; i < items.size(); i++) index.emplace(items[i].id, i);
  return index;
}

uint32_t look_up(const Index& index, std::string_view id) {
  auto found = index.find(id);
  return found == index.end() ? Matrix::none : found->second;
}

}  // namespace

bool say_the_same(const Judgement& a, const Judgement& b) {
  auto said = [](const Judgement& j) {
    return std::tie(j.subject, j.verdict, j.fails, j.limits, j.notes, j.why.text);
  };
  return said(a) == said(b);
}

Matrix::Matrix(const Report& report) : report_(report) {
  for (size_t g = 0; g < report.groups.size(); g++)
    for (auto& gpu : report.groups[g].machine.gpus) columns_.push_back({&gpu, &report.groups[g]});
  if (!is_fleet())
    for (auto& gpu : report.machine.gpus) columns_.push_back({&gpu, nullptr});
  if (columns_.empty() && !report.judgements.empty()) columns_.push_back({});
  cells_.assign(rows() * columns_.size(), none);
  if (is_fleet())
    place_cells();
  else
    place_judgements();
  merge_equal_columns();
  place_findings();
}

void Matrix::merge_equal_columns() {
  auto same = [&](size_t a, size_t b) {
    if (label(*columns_[a].gpu) != label(*columns_[b].gpu)) return false;
    for (size_t row = 0; row < rows(); row++) {
      auto *one = at(row, a), *other = at(row, b);
      if (one != other && (!one || !other || !say_the_same(*one, *other))) return false;
    }
    return true;
  };
  std::vector<size_t> kept;
  for (size_t c = 0; c < columns_.size(); c++) {
    auto in_group = kept | std::views::reverse |
                    std::views::take_while([&](size_t k) { return columns_[k].group == columns_[c].group; });
    auto found = std::ranges::find_if(in_group, [&](size_t k) { return same(k, c); });
    if (found == in_group.end())
      kept.push_back(c);
    else
      columns_[*found].boards++;
  }
  std::vector<uint32_t> cells;
  for (size_t row = 0; row < rows(); row++)
    for (auto c : kept) cells.push_back(index(row, c));
  std::vector<Column> columns;
  for (auto c : kept) columns.push_back(columns_[c]);
  columns_ = std::move(columns);
  cells_ = std::move(cells);
}

void Matrix::place_cells() {
  for (auto& cell : report_.cells)
    if (cell.subject < rows() && cell.gpu < columns_.size() && cell.judgement < report_.judgements.size())
      cells_[cell.subject * columns_.size() + cell.gpu] = cell.judgement;
}

void Matrix::place_judgements() {
  auto subjects = index_of(report_.subjects);
  auto gpus = index_of(report_.machine.gpus);
  for (uint32_t i = 0; i < report_.judgements.size(); i++) {
    auto row = look_up(subjects, report_.judgements[i].subject);
    auto column = gpus.empty() ? 0 : look_up(gpus, report_.judgements[i].gpu);
    if (row != none && column != none) cells_[row * columns_.size() + column] = i;
  }
}

void Matrix::place_findings() {
  findings_.resize(report_.judgements.size());
  std::map<std::pair<std::string_view, std::string_view>, uint32_t> by_ids;
  for (uint32_t i = 0; i < report_.judgements.size(); i++)
    by_ids.emplace(std::pair<std::string_view, std::string_view>(report_.judgements[i].subject,
                                                                 report_.judgements[i].gpu),
                   i);
  for (uint32_t f = 0; f < report_.findings.size(); f++)
    for (auto& [subject, gpu] : report_.findings[f].on)
      if (auto found = by_ids.find({subject, gpu}); found != by_ids.end())
        findings_[found->second].push_back(f);
}

const Judgement* Matrix::at(size_t row, size_t column) const {
  auto i = index(row, column);
  return i == none ? nullptr : &report_.judgements[i];
}

const Remedy* Matrix::least_change(uint32_t judgement) const {
  for (auto f : findings(judgement))
    if (auto& remedies = report_.findings[f].remedies; !remedies.empty()) return &remedies[0];
  return nullptr;
}

Matrix::Counts Matrix::counts(size_t row) const {
  Counts counts;
  for (size_t c = 0; c < columns_.size(); c++)
    if (auto* j = at(row, c)) counts.by_verdict[size_t(j->verdict)] += columns_[c].machines();
  return counts;
}

Matrix::Counts Matrix::counts() const {
  Counts all;
  for (size_t row = 0; row < rows(); row++) {
    auto some = counts(row);
    for (size_t v = 0; v < 4; v++) all.by_verdict[v] += some.by_verdict[v];
  }
  return all;
}

}  // namespace cufit::render
