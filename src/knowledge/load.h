// Rows from TOML files. The generator reads data/ with it when cufit is built, the program reads the user's
// files with it when it runs: same syntax, same checks, same messages.
#pragma once

#include <deque>
#include <memory>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "base/result.h"
#include "knowledge/knowledge.h"

namespace cufit {

/// Where a row was read; no file for rows that are compiled in.
struct Origin {
  std::string file;
  uint32_t line = 0;
  uint32_t layer = 0;  ///< rows of one layer (directory) must differ in id, those of later layers replace
  std::string to_string() const;  ///< "data/gpus.toml:12", "built-in table"
};

template <class Row>
struct RowSet {
  using row_type = Row;
  std::vector<Row> rows;
  std::vector<Origin> origins;  ///< of rows, by index
};

template <class... Row>
std::tuple<RowSet<Row>...> row_sets_of(const std::tuple<List<Row> Tables::*...>&);
/// One RowSet per member of Tables, in the same order.
using RowSets = decltype(row_sets_of(Tables::members()));

/// Memory for what rows point to. Never moves or frees anything before its own end.
class Arena {
 public:
  std::string_view keep(std::string_view text) { return texts_.emplace_back(text); }
  template <class T>
  List<T> keep(std::vector<T> items) {
    auto owned = std::make_shared<const std::vector<T>>(std::move(items));
    lists_.push_back(owned);
    return {owned->data(), owned->size()};
  }

 private:
  std::deque<std::string> texts_;
  std::vector<std::shared_ptr<const void>> lists_;
};

class TableLoader {
 public:
  /// Starts from rows that are there already, as layer 0.
  explicit TableLoader(const Tables& base = {});

  /// Reads all files *.toml of a directory as one layer. Fails on the first thing that is wrong in them.
  Result<void> add_directory(const std::string& directory);
  Result<void> add_files(std::span<const std::string> files);

  /// Every contradiction in the rows so far (see check.h), those of rows from files first; empty if all is
  /// well.
  std::vector<Error> check();

  /// The tables, sorted. Valid as long as the loader lives and nothing is added.
  Tables tables();

 private:
  Result<void> add_file(const std::string& path, uint32_t layer);
  void sort();

  Arena arena_;
  RowSets sets_;
  std::string date_;
  uint32_t layers_ = 0;
};

}  // namespace cufit
