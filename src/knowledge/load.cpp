#include "knowledge/load.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <numeric>

#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>

#include "knowledge/check.h"

namespace cufit {

namespace {

/// Larger files are not data of ours.
constexpr uintmax_t max_file_size = 64u << 20;

std::string at_line(const std::string& file, const toml::source_region& source) {
  return source.begin.line ? file + ':' + std::to_string(source.begin.line) : file;
}

/// Fills a row from a TOML table: a visitor for fields(). Remembers the first error.
class RowReader {
 public:
  RowReader(const toml::table& table, const std::string& file, Arena& arena, std::string what)
      : table_(table), file_(file), arena_(arena), what_(std::move(what)) {}

  template <class T>
  void operator()(std::string_view key, T& member) {
    known_.push_back(key);
    if (auto* node = table_.get(key)) read(key, *node, member);
  }
  template <class T>
  void required(std::string_view key, T& member) {
    if (!table_.contains(key)) refuse(table_.source(), what_ + ": '" + std::string(key) + "' is missing");
    (*this)(key, member);
  }
  template <class T>
  void derived(std::string_view, T&) {}
  template <class T>
  void inlined(std::string_view, T& member) {
    T::fields(*this, member);
  }

  /// The first error, counting a key that no field has.
  std::optional<Error> finish() {
    for (auto& [key, node] : table_)
      if (std::ranges::find(known_, key.str()) == known_.end())
        refuse(key.source(), what_ + ": there is no field '" + std::string(key.str()) + "'");
    return error_;
  }

 private:
  void refuse(const toml::source_region& where, std::string message) {
    if (!error_) error_ = Error{std::move(message), at_line(file_, where)};
  }
  void expected(std::string_view key, const toml::node& node, std::string_view what) {
    refuse(node.source(), what_ + ": '" + std::string(key) + "' should be " + std::string(what));
  }

  template <class T>
  void read(std::string_view key, const toml::node& node, T& out) {
    if constexpr (is_optional<T>) {
      typename T::value_type value{};
      read(key, node, value);
      out = value;
    } else if constexpr (is_list<T>) {
      read_list(key, node, out);
    } else if constexpr (std::is_same_v<T, bool>) {
      auto value = node.value_exact<bool>();
      if (!value) return expected(key, node, "true or false");
      out = *value;
    } else if constexpr (std::is_same_v<T, uint32_t>) {
      auto value = node.value_exact<int64_t>();
      if (!value || *value < 0 || *value > UINT32_MAX)
        return expected(key, node, "a whole number, not negative");
      out = uint32_t(*value);
    } else if constexpr (requires { T::fields(*this, out); }) {
      auto* table = node.as_table();
      if (!table) return expected(key, node, "a table");
      RowReader reader(*table, file_, arena_, what_ + '.' + std::string(key));
      T::fields(reader, out);
      if (auto error = reader.finish(); error && !error_) error_ = std::move(error);
    } else {
      auto text = node.value_exact<std::string_view>();
      if (!text) return expected(key, node, "a string");
      read_text(key, node, *text, out);
    }
  }

  template <class T>
  void read_list(std::string_view key, const toml::node& node, List<T>& out) {
    auto* array = node.as_array();
    if (!array) return expected(key, node, "an array");
    std::vector<T> items(array->size());
    for (size_t i = 0; i < items.size(); i++) read(key, *array->get(i), items[i]);
    out = arena_.keep(std::move(items));
  }

  template <class T>
  void read_text(std::string_view key, const toml::node& node, std::string_view text, T& out) {
    if constexpr (std::is_same_v<T, std::string_view>) {
      out = arena_.keep(text);
    } else if constexpr (std::is_same_v<T, DriverVersion>) {
      if (!Version::parse(text)) return expected(key, node, "a driver version like \"525.60.13\"");
      out.text = arena_.keep(text);
    } else if constexpr (std::is_same_v<T, Sm>) {
      auto sm = Sm::parse(text);
      if (!sm) return expected(key, node, "a compute capability or target like \"8.9\" or \"90a\"");
      out = *sm;
    } else if constexpr (std::is_same_v<T, Cuda>) {
      auto cuda = Cuda::parse(text);
      if (!cuda) return expected(key, node, "a CUDA version like \"12.4\"");
      out = *cuda;
    } else if constexpr (std::is_same_v<T, Isa>) {
      auto isa = Cuda::parse(text);
      if (!isa) return expected(key, node, "a PTX ISA like \"8.4\"");
      out = Isa{isa->major, isa->minor};
    } else {
      static_assert(std::is_enum_v<T>);
      auto& names = names_of<T>();
      auto found = std::ranges::find(names, text);
      if (found == names.end()) {
        std::string words;
        for (auto name : names) words += (words.empty() ? "" : ", ") + std::string(name);
        return expected(key, node, "one of " + words);
      }
      out = T(found - names.begin());
    }
  }

  const toml::table& table_;
  const std::string& file_;
  Arena& arena_;
  std::string what_;
  std::vector<std::string_view> known_;
  std::optional<Error> error_;
};

/// Reads one row and puts it into its set: as a new row, or in place of one of an earlier layer.
template <class Row>
Result<void> add_row(const toml::table& table, Origin origin, Arena& arena, RowSet<Row>& set) {
  auto id = table["id"].value_or(std::string_view("?"));
  Row row;
  RowReader reader(table, origin.file, arena, std::string(Row::table) + " '" + std::string(id) + "'");
  Row::fields(reader, row);
  if (auto error = reader.finish()) return std::unexpected(std::move(*error));
  if constexpr (requires { row.complete(); })
    if (!row.complete())
      return fail("the id of " + std::string(Row::table) + " '" + std::string(id) + "' is not of its form",
                  origin.to_string());
  for (size_t i = 0; i < set.rows.size(); i++) {
    if (set.rows[i].key() != row.key()) continue;
    if (set.origins[i].layer == origin.layer)
      return fail(
          std::string(Row::table) + " '" + std::string(id) + "' is already in " + set.origins[i].to_string(),
          origin.to_string());
    set.rows[i] = row;
    set.origins[i] = std::move(origin);
    return {};
  }
  set.rows.push_back(row);
  set.origins.push_back(std::move(origin));
  return {};
}

Result<std::string> read_file(const std::string& path) {
  std::error_code ec;
  if (!std::filesystem::is_regular_file(path, ec)) return fail("not a regular file", path);
  if (std::filesystem::file_size(path, ec) > max_file_size || ec) return fail("larger than 64 MiB", path);
  std::ifstream in(path, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(in)), {});
  if (!in.good() && !in.eof()) return fail("cannot be read", path);
  return text;
}

bool is_date(std::string_view s) {
  constexpr std::string_view form = "dddd-dd-dd";
  return s.size() == form.size() &&
         std::ranges::equal(s, form, [](char c, char f) { return f == 'd' ? c >= '0' && c <= '9' : c == f; });
}

}  // namespace

std::string Origin::to_string() const {
  return file.empty() ? "built-in table" : file + ':' + std::to_string(line);
}

TableLoader::TableLoader(const Tables& base) : date_(base.date) {
  std::apply(
      [&](auto... member) {
        std::apply(
            [&](auto&... set) {
              ((set.rows.assign((base.*member).begin(), (base.*member).end()),
                set.origins.resize(set.rows.size())),
               ...);
            },
            sets_);
      },
      Tables::members());
}

Result<void> TableLoader::add_directory(const std::string& directory) {
  std::error_code ec;
  std::vector<std::string> files;
  for (std::filesystem::directory_iterator it(directory, ec), end; !ec && it != end; it.increment(ec))
    if (it->path().extension() == ".toml") files.push_back(it->path().string());
  if (ec) return fail("cannot list the data directory: " + ec.message(), directory);
  std::ranges::sort(files);
  return add_files(files);
}

Result<void> TableLoader::add_files(std::span<const std::string> files) {
  layers_++;
  for (auto& file : files)
    if (auto added = add_file(file, layers_); !added) return added;
  return {};
}

Result<void> TableLoader::add_file(const std::string& path, uint32_t layer) {
  auto text = read_file(path);
  if (!text) return std::unexpected(std::move(text.error()));
  auto parsed = toml::parse(*text, path);
  if (!parsed) return fail(std::string(parsed.error().description()), at_line(path, parsed.error().source()));

  for (auto& [key, node] : parsed.table()) {
    auto where = at_line(path, key.source());
    if (key.str() == "date") {
      auto date = node.value_or(std::string_view());
      if (!is_date(date)) return fail("'date' should be a string like \"2026-11-25\"", where);
      date_ = std::max(date_, std::string(date));
      continue;
    }
    auto* rows = node.as_array();
    Result<void> added;
    bool known = std::apply(
        [&](auto&... set) {
          auto add_all = [&](auto& set) {
            using Row = typename std::remove_reference_t<decltype(set)>::row_type;
            if (key.str() != Row::table) return false;
            if (!rows) added = fail("rows are written as [[" + std::string(Row::table) + "]]", where);
            for (size_t i = 0; added && i < rows->size(); i++) {
              auto* table = rows->get(i)->as_table();
              uint32_t line = uint32_t(rows->get(i)->source().begin.line);
              added = table ? add_row<Row>(*table, Origin{path, line, layer}, arena_, set)
                            : fail("rows are written as [[" + std::string(Row::table) + "]]", where);
            }
            return true;
          };
          return (add_all(set) || ...);
        },
        sets_);
    if (!added) return added;
    if (!known) return fail("there is no table '" + std::string(key.str()) + "'", where);
  }
  return {};
}

void TableLoader::sort() {
  auto sort_set = [](auto& set) {
    if (std::ranges::is_sorted(set.rows, {}, [](auto& row) { return row.key(); })) return;
    std::vector<size_t> order(set.rows.size());
    std::iota(order.begin(), order.end(), size_t{0});
    std::ranges::sort(order, {}, [&](size_t i) { return set.rows[i].key(); });
    auto sorted = set;
    for (size_t i = 0; i < order.size(); i++) {
      sorted.rows[i] = set.rows[order[i]];
      sorted.origins[i] = set.origins[order[i]];
    }
    set = std::move(sorted);
  };
  std::apply([&](auto&... set) { (sort_set(set), ...); }, sets_);
}

Tables TableLoader::tables() {
  sort();
  Tables tables;
  tables.date = date_;
  std::apply(
      [&](auto... member) { std::apply([&](auto&... set) { ((tables.*member = set.rows), ...); }, sets_); },
      Tables::members());
  return tables;
}

std::vector<Error> TableLoader::check() {
  auto tables = this->tables();
  auto errors = check_tables(tables, [&](std::string_view table, size_t index) {
    std::string where;
    std::apply(
        [&](auto&... set) {
          ((std::remove_reference_t<decltype(set)>::row_type::table == table
                ? void(where = set.origins[index].to_string())
                : void()),
           ...);
        },
        sets_);
    return where;
  });
  // Two rows that contradict each other both complain; the one in a file is the one that can be corrected.
  std::vector<Error> sorted;
  for (bool built_in : {false, true})
    for (auto& error : errors)
      if ((error.file == Origin().to_string()) == built_in) sorted.push_back(error);
  return sorted;
}

}  // namespace cufit
