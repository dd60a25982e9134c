// Matrix: a report as subjects x GPUs, of one machine or of a fleet.
#pragma once

#include <map>
#include <span>
#include <vector>

#include "model/report.h"

namespace cufit::render {

/// True if the two say the same about one subject, on different GPUs.
bool say_the_same(const Judgement& a, const Judgement& b);

class Matrix {
 public:
  /// The report must outlive the matrix.
  explicit Matrix(const Report& report);

  /// Equal GPUs of the machine, or of a group of machines, of which all is said alike.
  struct Column {
    const Gpu* gpu = nullptr;      ///< the first; null: the machine shows none
    const Group* group = nullptr;  ///< null: the report is of one machine
    size_t boards = 1;             ///< a server has eight of them
    uint64_t machines() const { return group ? group->count : 1; }
  };

  const Report& report() const { return report_; }
  bool is_fleet() const { return !report_.groups.empty(); }
  const std::vector<Column>& columns() const { return columns_; }
  size_t rows() const { return report_.subjects.size(); }
  /// Index of the judgement in the report; `none` where nothing was judged.
  uint32_t index(size_t row, size_t column) const { return cells_[row * columns_.size() + column]; }
  const Judgement* at(size_t row, size_t column) const;
  static constexpr uint32_t none = UINT32_MAX;

  /// Findings about a judgement, in the order of the report.
  std::span<const uint32_t> findings(uint32_t judgement) const { return findings_[judgement]; }
  /// The least change that helps: the first remedy of the first finding that has one; null if there is none.
  const Remedy* least_change(uint32_t judgement) const;

  /// Machines x subjects by verdict.
  struct Counts {
    uint64_t by_verdict[4] = {};
    uint64_t of(Verdict v) const { return by_verdict[size_t(v)]; }
    uint64_t total() const { return by_verdict[0] + by_verdict[1] + by_verdict[2] + by_verdict[3]; }
    bool operator==(const Counts&) const = default;
  };
  Counts counts() const;
  Counts counts(size_t row) const;

 private:
  void place_cells();
  void merge_equal_columns();
  void place_judgements();
  void place_findings();

  const Report& report_;
  std::vector<Column> columns_;
  std::vector<uint32_t> cells_;                  ///< row-major
  std::vector<std::vector<uint32_t>> findings_;  ///< by judgement
};

}  // namespace cufit::render
