// The text of a fleet: the groups, the matrix, and for all that does not fit why, where, and the least
// change.
#include <algorithm>
#include <array>

#include "base/text.h"
#include "render/cause_groups.h"
#include "render/labels.h"
#include "render/words.h"

namespace cufit::render {

namespace {

constexpr std::array best_first = {Verdict::fits, Verdict::limited, Verdict::unknown, Verdict::unfit};
/// Wider matrices and longer lists help nobody: counts stand for them, and --why shows all.
constexpr size_t most_columns = 24, most_rows = 60, most_causes = 40;

class FleetText {
 public:
  explicit FleetText(Writer& w) : w_(w), matrix_(w.report) {}

  void write() {
    write_groups();
    bool small = matrix_.columns().size() <= most_columns && matrix_.rows() <= most_rows;
    if (w_.options.why || small)
      write_matrix();
    else
      write_counts();
    write_groups_of_causes();
    auto gaps = all_gaps(w_.report);
    write_gaps(w_, gaps);
    if (!gaps.empty()) w_.page.blank();
    write_footer();
  }

 private:
  std::string number(uint64_t n) const { return std::to_string(n); }

  void write_groups() {
    size_t width = 0;
    for (auto& g : w_.report.groups) width = std::max(width, columns(number(g.count)));
    size_t first = 1;
    auto& columns_of_all = matrix_.columns();
    for (auto column = columns_of_all.begin(); column != columns_of_all.end();) {
      auto& g = *column->group;
      std::vector<std::string> what;
      for (; column != columns_of_all.end() && column->group == &g; ++column)
        what.push_back(w_.gpu_name(column->gpu, column->boards));
      auto head = what.size() == 1 ? number(first) : number(first) + '-' + number(first + what.size() - 1);
      first += what.size();
      auto text = w_(Text{"fleet.group",
                          {{"n", std::string(width - columns(number(g.count)), ' ') + number(g.count)},
                           {"name", g.name},
                           {"gpus", joined(what, " + ")},
                           {"driver", driver_words(g.machine, w_.options.lang)},
                           {"host", host_words(g.machine, w_(Text{"punctuation.list"}))}}});
      w_.page.item({padded(head, 5), Style::strong}, 6, text);
    }
    for (auto& g : w_.report.groups)
      if (g.machine.gpus.empty())
        w_.page.item({"-"}, 6, w_(Text{"fleet.without-gpu", {{"n", number(g.count)}}}), Style::faint);
    w_.page.blank();
  }

  void write_matrix() {
    auto all = matrix_.columns().size();
    Table table(std::vector(1 + all, Table::Align::left));
    std::vector<Span> head = {{""}};
    for (size_t c = 0; c < all; c++) head.push_back({number(c + 1), Style::strong});
    table.row(std::move(head));
    for (size_t row = 0; row < matrix_.rows(); row++) {
      std::vector<Span> cells = {{w_.subject_name(w_.report.subjects[row])}};
      for (size_t c = 0; c < all; c++) {
        auto* j = matrix_.at(row, c);
        cells.push_back(j ? Span{w_.word(j->verdict), Writer::style(j->verdict)} : Span{"-"});
      }
      table.row(std::move(cells));
    }
    table.print_stacked(w_.page);
  }

  /// Machines by verdict for each subject; subjects with equal counts in one row.
  void write_counts() {
    std::vector<std::pair<Matrix::Counts, std::vector<std::string>>> rows;
    for (size_t row = 0; row < matrix_.rows(); row++) {
      auto counts = matrix_.counts(row);
      auto same = std::ranges::find(rows, counts, [](auto& r) { return r.first; });
      if (same == rows.end()) same = rows.insert(rows.end(), {counts, {}});
      same->second.push_back(w_.subject_name(w_.report.subjects[row]));
    }
    Table table({5, Table::Align::right});
    std::vector<Span> head;
    for (auto v : best_first) head.push_back({w_.word(v), Writer::style(v)});
    head.push_back({""});
    table.row(head);
    for (auto& [counts, names] : rows) {
      std::vector<Span> cells;
      for (auto v : best_first) cells.push_back({number(counts.of(v))});
      cells.push_back({w_.some_of(names, 2)});
      table.row(cells);
    }
    table.print(w_.page, 0);
    w_.page.blank();
  }

  /// "torch 2.2.0, app on 1, 2; vllm 0.11.0 on 3".
  std::string where(const CauseGroup& group) const {
    std::vector<std::string> parts;
    for (auto& [rows, columns] : rectangles(group)) {
      std::vector<std::string> names, numbers;
      for (auto row : rows) names.push_back(w_.subject_name(w_.report.subjects[row]));
      for (auto column : columns) numbers.push_back(number(column + 1));
      parts.push_back(w_(Text{"check.on", {{"subject", w_.some_of(names)}, {"gpu", w_.some_of(numbers)}}}));
    }
    return w_.some_of(parts);
  }

  void write_reasons(const CauseGroup& group) {
    constexpr size_t most = 3;
    auto all = reasons(group, w_.report);
    size_t shown = w_.options.why ? all.size() : std::min(all.size(), most);
    for (size_t i = 0; i < shown; i++) w_.item(Text{"label.because"}, w_(all[i]));
    if (shown < all.size())
      w_.item(Text{"label.because"}, w_(Text{"fleet.more-reasons", {{"n", number(all.size() - shown)}}}));
  }

  void write_group(const CauseGroup& group) {
    w_.page.item({w_.word(group.verdict), Writer::style(group.verdict)}, w_.indent(), where(group));
    write_reasons(group);
    auto& first = w_.report.judgements[group.judgements[0]];
    auto fails_alike = [&](uint32_t i) { return w_.report.judgements[i].fails == first.fails; };
    if (first.fails) {
      auto failure = *first.fails;
      if (!std::ranges::all_of(group.judgements, fails_alike)) failure.seen_as = {};
      write_failure(w_, failure);
    }
    for (auto& l : first.limits) w_.item(Text{"label.limit"}, limit_words(w_, l));
    if (auto* change = least_change(group, w_.report)) {
      w_.item(Text{"label.change"}, remedy_words(w_, *change), Style::strong);
      write_commands(w_, *change);
    } else if (group.verdict == Verdict::unfit) {
      w_.item(Text{"label.change"}, w_(Text{"fleet.no-change"}));
    }
    w_.page.blank();
  }

  void write_groups_of_causes() {
    auto all = cause_groups(matrix_, Verdict::limited).all;
    size_t shown = w_.options.why ? all.size() : std::min(all.size(), most_causes);
    for (size_t i = 0; i < shown; i++) write_group(all[i]);
    if (shown == all.size()) return;
    uint64_t machines = 0;
    for (size_t i = shown; i < all.size(); i++) machines += all[i].machines;
    w_.page.item(
        {"", Style::plain}, 0,
        w_(Text{"fleet.more-causes", {{"n", number(all.size() - shown)}, {"machines", number(machines)}}}));
    w_.page.blank();
  }

  void write_footer() {
    auto counts = matrix_.counts();
    std::vector<std::string> parts;
    for (auto v : best_first)
      if (auto n = counts.of(v)) parts.push_back(w_.word(v) + ' ' + number(n));
    uint64_t machines = 0, groups = 0;
    for (auto& g : w_.report.groups)
      if (!g.machine.gpus.empty()) machines += g.count, groups++;
    auto text = w_(Text{"fleet.footer",
                        {{"counts", w_.list(parts)},
                         {"machines", number(machines)},
                         {"groups", number(groups)},
                         {"targets", number(matrix_.rows())},
                         {"questions", number(w_.report.judgements.size())}}});
    w_.page.item({"", Style::plain}, 0, text, Style::faint);
  }

  Writer& w_;
  Matrix matrix_;
};

}  // namespace

void write_fleet(Writer& w) { FleetText(w).write(); }

}  // namespace cufit::render
