#include "collect/marker.h"

#include <algorithm>
#include <array>

#include "model/package.h"

namespace cufit::collect {
namespace {

using Truth = std::optional<bool>;

Truth both(Truth a, Truth b) {
  if (a == false || b == false) return false;
  return a && b ? Truth(true) : std::nullopt;
}

Truth either(Truth a, Truth b) {
  if (a == true || b == true) return true;
  return a && b ? Truth(false) : std::nullopt;
}

/// Compares as PEP 508 says: as versions where both are, else as texts.
Truth compare(std::string_view left, std::string_view op, std::string_view right) {
  if (op == "in") return right.find(left) != right.npos;
  if (op == "not in") return right.find(left) == right.npos;
  auto specifier = Specifier::parse(std::string(op) + std::string(right));
  auto version = PackageVersion::parse(left);
  if (specifier && version) return specifier->allows(*version);
  if (op == "==" || op == "===") return left == right;
  if (op == "!=") return left != right;
  return std::nullopt;
}

/// Reads `or` of `and` of comparisons and parentheses.
class Reader {
 public:
  Reader(std::string_view text, const MarkerPlace& place) : rest_(text), place_(place) {}

  Truth read() {
    auto t = any();
    skip_space();
    return broken_ || !rest_.empty() ? std::nullopt : t;
  }

 private:
  struct Operand {
    std::optional<std::string> value;  ///< nothing: a variable whose value is not known
    std::string up_to = {};            ///< the value is one of a range: from `value` to this
  };

  Truth any() {
    auto t = all();
    while (take_word("or")) t = either(t, all());
    return t;
  }

  Truth all() {
    auto t = one();
    while (take_word("and")) t = both(t, one());
    return t;
  }

  Truth one() {
    if (take("(")) {
      if (++depth_ > kMaxDepth) return give_up();
      auto t = any();
      depth_--;
      return take(")") ? t : give_up();
    }
    auto left = operand();
    auto op = comparison();
    auto right = operand();
    if (broken_ || !left.value || !right.value) return std::nullopt;
    auto lowest = compare(*left.value, op, *right.value);
    if (left.up_to.empty() && right.up_to.empty()) return lowest;
    auto highest = compare(left.up_to.empty() ? *left.value : left.up_to, op,
                           right.up_to.empty() ? *right.value : right.up_to);
    // Between the ends "==" may hold although it does at neither.
    bool ordered = op.starts_with('<') || op.starts_with('>');
    return lowest == highest && ordered ? lowest : std::nullopt;
  }

  Operand operand() {
    skip_space();
    if (!rest_.empty() && (rest_[0] == '\'' || rest_[0] == '"')) {
      auto close = rest_.find(rest_[0], 1);
      if (close == rest_.npos) return give_up(), Operand{};
      Operand o{std::string(rest_.substr(1, close - 1))};
      rest_.remove_prefix(close + 1);
      return o;
    }
    auto name = take_name();
    if (name.empty()) give_up();
    return variable(name);
  }

  Operand variable(std::string_view name) const {
    struct Row {
      std::string_view name, on_linux, on_windows;
    };
    static constexpr std::array<Row, 3> by_system = {{{"sys_platform", "linux", "win32"},
                                                      {"platform_system", "Linux", "Windows"},
                                                      {"os_name", "posix", "nt"}}};
    for (auto& row : by_system) {
      if (name != row.name || place_.system == MarkerPlace::System::unknown) continue;
      return {std::string(place_.system == MarkerPlace::System::windows ? row.on_windows : row.on_linux)};
    }
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 4> everywhere = {
        {{"extra", ""},
         {"implementation_name", "cpython"},
         {"platform_python_implementation", "CPython"},
         {"python_implementation", "CPython"}}};
    for (auto& [known, value] : everywhere)
      if (name == known) return {std::string(value)};
    if (name == "platform_machine" && !place_.machine.empty()) return machine();
    if (name == "python_version" && !place_.python.empty()) return {place_.python};
    // Which 3.12 it is makes no difference to most conditions.
    if (name == "python_full_version" && !place_.python.empty())
      return {place_.python + ".0", place_.python + ".999"};
    return {};
  }

  /// Windows has its own names.
  Operand machine() const {
    if (place_.system == MarkerPlace::System::linux) return {place_.machine};
    if (place_.system == MarkerPlace::System::unknown) return {};
    return {place_.machine == "x86_64" ? "AMD64" : "ARM64"};
  }

  std::string_view comparison() {
    skip_space();
    static constexpr std::array<std::string_view, 8> signs = {"===", "==", "~=", "!=", ">=", "<=", ">", "<"};
    for (auto s : signs)
      if (take(s)) return s;
    if (take_word("in")) return "in";
    if (take_word("not") && take_word("in")) return "not in";
    give_up();
    return {};
  }

  Truth give_up() {
    broken_ = true;
    rest_ = {};
    return std::nullopt;
  }

  void skip_space() { rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\r"), rest_.size())); }

  bool take(std::string_view s) {
    skip_space();
    if (!rest_.starts_with(s)) return false;
    rest_.remove_prefix(s.size());
    return true;
  }

  std::string_view take_name() {
    static constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_.";
    auto name = rest_.substr(0, rest_.find_first_not_of(letters));
    rest_.remove_prefix(name.size());
    return name;
  }

  bool take_word(std::string_view word) {
    skip_space();
    auto before = rest_;
    if (take_name() == word) return true;
    rest_ = before;
    return false;
  }

  static constexpr int kMaxDepth = 50;
  std::string_view rest_;
  const MarkerPlace& place_;
  int depth_ = 0;
  bool broken_ = false;
};

}  // namespace

std::optional<bool> marker_holds(std::string_view marker, const MarkerPlace& place) {
  return Reader(marker, place).read();
}

}  // namespace cufit::collect
