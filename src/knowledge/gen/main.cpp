// knowledge_gen OUT.cpp FILE.toml...: checks the data files and writes them as constant tables.
// Runs when cufit is built; a wrong row ends the build.
#include <array>
#include <cstdio>
#include <fstream>
#include <map>
#include <string>
#include <tuple>
#include <type_traits>
#include <vector>

#include "knowledge/load.h"

namespace {

using namespace cufit;

/// The types that lists are made of, in an order in which each needs only those before it.
using ListTypes = std::tuple<std::string_view, Sm, DriverVersion, PciChip, ToolkitUpdate, JitAccepts,
                             OpenStepRow, CauseRemedy, MessageCause>;
constexpr std::array<std::string_view, std::tuple_size_v<ListTypes>> list_type_names = {
    "std::string_view", "Sm",          "DriverVersion", "PciChip",     "ToolkitUpdate",
    "JitAccepts",       "OpenStepRow", "CauseRemedy",   "MessageCause"};

template <class T, size_t I = 0>
constexpr size_t list_type_index() {
  if constexpr (std::is_same_v<T, std::tuple_element_t<I, ListTypes>>)
    return I;
  else
    return list_type_index<T, I + 1>();
}

/// All lists of one element type, one after the other in one array; equal lists are stored once.
class Pool {
 public:
  size_t add(const std::vector<std::string>& list) {
    std::string joined;
    for (auto& item : list) joined += item + ", ";
    auto [at, added] = offsets_.try_emplace(joined, items_.size());
    if (added) items_.insert(items_.end(), list.begin(), list.end());
    return at->second;
  }
  const std::vector<std::string>& items() const { return items_; }

 private:
  std::vector<std::string> items_;
  std::map<std::string, size_t> offsets_;
};
using Pools = std::array<Pool, list_type_names.size()>;

std::string literal(std::string_view text) {
  std::string out = "\"";
  for (unsigned char c : text) {
    if (c == '"' || c == '\\') {
      out += {'\\', char(c)};
    } else if (c >= 0x20 && c < 0x7f && c != '?') {
      out += char(c);
    } else {  // also '?', which could start a trigraph
      char octal[8];
      std::snprintf(octal, sizeof octal, "\\%03o", c);
      out += octal;
    }
  }
  return out + "\"sv";
}

template <class T>
std::string expression(Pools& pools, const T& value);

/// Writes a row as a designated initialiser: a visitor for fields().
struct RowWriter {
  Pools& pools;
  std::string out = {};

  template <class T>
  void operator()(std::string_view key, const T& member) {
    out += (out.empty() ? "." : ", .") + std::string(key) + " = " + expression(pools, member);
  }
  void required(std::string_view key, const auto& member) { (*this)(key, member); }
  void derived(std::string_view key, const auto& member) { (*this)(key, member); }
  void inlined(std::string_view key, const auto& member) { (*this)(key, member); }
};

std::string call(std::string_view type, std::string arguments) {
  return std::string(type) + '{' + std::move(arguments) + '}';
}

template <class T>
std::string expression(Pools& pools, const T& value) {
  if constexpr (is_optional<T>) {
    return value ? expression(pools, *value) : "std::nullopt";
  } else if constexpr (is_list<T>) {
    if (value.empty()) return "{}";
    std::vector<std::string> items;
    for (auto& item : value) items.push_back(expression(pools, item));
    constexpr size_t pool = list_type_index<typename T::value_type>();
    size_t at = pools[pool].add(items);
    return call("", "list_" + std::to_string(pool) + " + " + std::to_string(at) + ", " +
                        std::to_string(items.size()));
  } else if constexpr (std::is_same_v<T, bool>) {
    return value ? "true" : "false";
  } else if constexpr (std::is_same_v<T, uint32_t>) {
    return std::to_string(value) + 'u';
  } else if constexpr (std::is_same_v<T, std::string_view>) {
    return literal(value);
  } else if constexpr (std::is_same_v<T, DriverVersion>) {
    return call("DriverVersion", literal(value.text));
  } else if constexpr (std::is_same_v<T, Sm>) {
    return call("Sm", std::to_string(value.major) + ", " + std::to_string(value.minor) + ", Sm::Suffix(" +
                          std::to_string(int(value.suffix)) + ')');
  } else if constexpr (std::is_same_v<T, Cuda> || std::is_same_v<T, Isa>) {
    return call(std::is_same_v<T, Cuda> ? "Cuda" : "Isa",
                std::to_string(value.major) + ", " + std::to_string(value.minor));
  } else if constexpr (std::is_enum_v<T>) {
    return call("Enumerator", std::to_string(int(value)));
  } else {
    RowWriter writer{pools};
    T::fields(writer, value);
    return call("", writer.out);
  }
}

std::string array(const std::string& type, const std::string& name, const std::vector<std::string>& items) {
  if (items.empty()) return "constexpr std::span<const " + type + "> " + name + ";\n";
  std::string out = "constexpr " + type + ' ' + name + "[] = {\n";
  for (auto& item : items) out += "    " + item + ",\n";
  return out + "};\n";
}

std::string source(const Tables& tables) {
  Pools pools;
  std::string rows, members;
  size_t i = 0;
  auto add = [&](auto list) {
    std::vector<std::string> items;
    for (auto& row : list) items.push_back(expression(pools, row));
    auto n = std::to_string(i++);
    rows += array("Row<" + n + '>', "table_" + n, items);
    members += "  tables.*std::get<" + n + ">(Tables::members()) = table_" + n + ";\n";
  };
  std::apply([&](auto... member) { (add(tables.*member), ...); }, Tables::members());

  std::string out =
      "// Written by knowledge_gen from data/*.toml.\n"
      "#include \"knowledge/builtin_tables.h\"\n\n"
      "namespace cufit {\nnamespace {\n"
      "using namespace std::string_view_literals;\n"
      "template <class R>\nR row_of(List<R> Tables::*);\n"
      "template <size_t I>\nusing Row = decltype(row_of(std::get<I>(Tables::members())));\n"
      "struct Enumerator {\n  uint8_t n;\n"
      "  template <class E>\n    requires std::is_enum_v<E>\n  constexpr operator E() const { return E(n); "
      "}\n};\n";
  for (size_t p = 0; p < pools.size(); p++)
    out += array(std::string(list_type_names[p]), "list_" + std::to_string(p), pools[p].items());
  return out + rows +
         "constexpr Tables make_tables() {\n  Tables tables;\n  tables.date = " + literal(tables.date) +
         ";\n" + members + "  return tables;\n}\n}  // namespace\n" +
         "constinit const Tables builtin_tables = make_tables();\n}  // namespace cufit\n";
}

int report(const Error& error) {
  std::fprintf(stderr, "%s\n", error.to_string().c_str());
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: knowledge_gen OUT.cpp FILE.toml...\n");
    return 2;
  }
  TableLoader loader;
  if (auto added = loader.add_files(std::vector<std::string>(argv + 2, argv + argc)); !added)
    return report(added.error());
  auto errors = loader.check();
  for (auto& error : errors) report(error);
  if (!errors.empty()) return 1;

  std::ofstream out(argv[1], std::ios::binary);
  out << source(loader.tables());
  out.close();
  if (!out) return report(Error{"cannot be written", argv[1]});
}
