#include "model/package.h"

#include <algorithm>
#include <array>

#include "base/number.h"
#include "base/text.h"

namespace cufit {

namespace {

bool is_alpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// Takes a number of at most nine digits off the front.
std::optional<uint32_t> take_field(std::string_view& s) {
  auto rest = s;
  auto n = take_number<uint32_t>(rest);
  if (s.size() - rest.size() > 9) return std::nullopt;
  s = rest;
  return n;
}

bool take(std::string_view& s, std::string_view word) {
  if (!s.starts_with(word)) return false;
  s.remove_prefix(word.size());
  return true;
}

void skip_separator(std::string_view& s) {
  if (!s.empty() && (s[0] == '.' || s[0] == '-' || s[0] == '_')) s.remove_prefix(1);
}

}  // namespace

std::string normalized_name(std::string_view name) {
  std::string out;
  for (char c : lower(name)) {
    if (c == '-' || c == '_' || c == '.') {
      if (!out.ends_with('-')) out += '-';
    } else {
      out += c;
    }
  }
  return out;
}

// --- Versions ---

std::optional<PackageVersion> PackageVersion::parse(std::string_view text) {
  text = trimmed(text);
  PackageVersion v;
  if (auto plus = text.find('+'); plus != text.npos) {
    v.local_ = lower(text.substr(plus + 1));
    if (v.local_.empty()) return std::nullopt;
    text = text.substr(0, plus);
  }
  v.text_ = text;
  auto low = lower(text);
  std::string_view rest = low;
  take(rest, "v");
  for (;;) {
    auto field = take_field(rest);
    if (!field || v.release_.size() == 8) return std::nullopt;
    v.release_.push_back(*field);
    if (rest.size() < 2 || rest[0] != '.' || !is_digit(rest[1])) break;
    rest.remove_prefix(1);
  }
  if (rest.empty()) return v;
  skip_separator(rest);
  struct Word {
    std::string_view word;
    Stage stage;
  };
  static constexpr std::array<Word, 9> words = {{{"dev", Stage::dev},
                                                 {"alpha", Stage::alpha},
                                                 {"beta", Stage::beta},
                                                 {"post", Stage::post},
                                                 {"preview", Stage::candidate},
                                                 {"rc", Stage::candidate},
                                                 {"a", Stage::alpha},
                                                 {"b", Stage::beta},
                                                 {"c", Stage::candidate}}};
  auto found = std::ranges::find_if(words, [&](auto& w) { return take(rest, w.word); });
  if (found == words.end()) return std::nullopt;
  v.stage_ = found->stage;
  skip_separator(rest);
  v.number_ = take_field(rest).value_or(0);
  // ".dev1" behind another stage: earlier than that stage. Nobody publishes builds so; the order stays right.
  if (!rest.empty() && take(rest, ".dev")) take_field(rest);
  return rest.empty() ? std::optional(v) : std::nullopt;
}

bool PackageVersion::begins_with(const PackageVersion& prefix) const {
  for (size_t i = 0; i < prefix.release_.size(); i++)
    if ((i < release_.size() ? release_[i] : 0) != prefix.release_[i]) return false;
  return true;
}

std::strong_ordering operator<=>(const PackageVersion& a, const PackageVersion& b) {
  for (size_t i = 0; i < std::max(a.release_.size(), b.release_.size()); i++) {
    auto field = [&](const PackageVersion& v) { return i < v.release_.size() ? v.release_[i] : 0; };
    if (auto order = field(a) <=> field(b); order != 0) return order;
  }
  if (auto order = a.stage_ <=> b.stage_; order != 0) return order;
  return a.number_ <=> b.number_;
}

std::strong_ordering PackageVersion::compare_locals(std::string_view a, std::string_view b) {
  auto take_field = [](std::string_view& s) {
    auto field = s.substr(0, s.find_first_of("._-"));
    s.remove_prefix(std::min(field.size() + 1, s.size()));
    return field;
  };
  while (!a.empty() && !b.empty()) {
    auto x = take_field(a), y = take_field(b);
    auto m = whole_number<uint64_t>(x), n = whole_number<uint64_t>(y);
    // A number stands above any word.
    if (m.has_value() != n.has_value()) return m ? std::strong_ordering::greater : std::strong_ordering::less;
    auto order = m ? *m <=> *n : x <=> y;
    if (order != 0) return order;
  }
  return !a.empty() <=> !b.empty();
}

// --- Specifiers ---

namespace {

/// Does `~=2.4.1` or `==2.4.*` stand for a range? Its lower end, and the first version above it.
struct Range {
  PackageVersion from, before;
};

Range range_of_prefix(std::vector<uint32_t> prefix, const PackageVersion& from) {
  if (!prefix.empty()) prefix.back()++;
  std::string text;
  for (auto field : prefix) text += (text.empty() ? "" : ".") + std::to_string(field);
  return {from, PackageVersion::parse(text).value_or(PackageVersion())};
}

}  // namespace

std::optional<Specifier> Specifier::parse(std::string_view text) {
  Specifier spec;
  text = trimmed(text);
  if (text.starts_with('(') && text.ends_with(')')) text = trimmed(text.substr(1, text.size() - 2));
  spec.text_ = text;
  while (!text.empty()) {
    auto comma = text.find(',');
    auto clause = trimmed(text.substr(0, comma));
    text = comma == text.npos ? std::string_view() : text.substr(comma + 1);
    if (clause.empty()) continue;
    static constexpr std::array<std::string_view, 8> ops = {"===", "==", "~=", "!=", ">=", "<=", ">", "<"};
    auto op = std::ranges::find_if(ops, [&](auto o) { return clause.starts_with(o); });
    if (op == ops.end()) return std::nullopt;
    auto version = trimmed(clause.substr(op->size()));
    Clause c{std::string(*op), {}, version.ends_with(".*")};
    if (c.wildcard) version.remove_suffix(2);
    auto parsed = PackageVersion::parse(version);
    if (!parsed || (c.wildcard && c.op != "==" && c.op != "!=")) return std::nullopt;
    c.version = *parsed;
    spec.clauses_.push_back(std::move(c));
  }
  return spec;
}

bool Specifier::allows(const PackageVersion& v) const {
  for (auto& c : clauses_) {
    auto equal = c.wildcard ? v.begins_with(c.version)
                            : v == c.version && (c.version.local().empty() || c.version.local() == v.local());
    bool ok = true;
    if (c.op == "==" || c.op == "===") ok = equal;
    if (c.op == "!=") ok = !equal;
    if (c.op == ">=") ok = v >= c.version;
    if (c.op == "<=") ok = v <= c.version;
    if (c.op == ">") ok = v > c.version;
    if (c.op == "<") ok = v < c.version;
    if (c.op == "~=") {  // ~=2.4.1 is >=2.4.1, ==2.4.*
      std::string prefix;
      auto& fields = c.version.release();
      for (size_t i = 0; i + 1 < fields.size(); i++) prefix += (i ? "." : "") + std::to_string(fields[i]);
      auto within = PackageVersion::parse(prefix);
      ok = v >= c.version && (!within || v.begins_with(*within));
    }
    if (!ok) return false;
  }
  return true;
}

std::optional<PackageVersion> Specifier::exactly() const {
  std::optional<PackageVersion> found;
  for (auto& c : clauses_)
    if ((c.op == "==" || c.op == "===") && !c.wildcard)
      if (!found || found->local().empty()) found = c.version;
  return found;
}

bool Specifier::excludes_all() const {
  if (auto exact = exactly()) return !allows(*exact);
  PackageVersion least, most;  // empty: none
  bool above = false, below = false;
  auto at_least = [&](const PackageVersion& v, bool strict) {
    if (least.release().empty() || v > least || (v == least && strict)) least = v, above = strict;
  };
  auto at_most = [&](const PackageVersion& v, bool strict) {
    if (most.release().empty() || v < most || (v == most && strict)) most = v, below = strict;
  };
  for (auto& c : clauses_) {
    if (c.op == ">=" || c.op == ">") at_least(c.version, c.op == ">");
    if (c.op == "<=" || c.op == "<") at_most(c.version, c.op == "<");
    auto prefix = c.version.release();
    if (c.op == "~=") {
      if (prefix.size() < 2) continue;
      prefix.pop_back();
    } else if (c.op != "==" || !c.wildcard) {
      continue;
    }
    auto range = range_of_prefix(prefix, c.version);
    at_least(range.from, false);
    at_most(range.before, true);
  }
  if (least.release().empty() || most.release().empty()) return false;
  return least > most || (least == most && (above || below));
}

std::vector<PackageVersion> Specifier::bounds() const {
  std::vector<PackageVersion> all;
  for (auto& c : clauses_)
    if (!c.wildcard) all.push_back(c.version);
  return all;
}

void Specifier::join(const Specifier& other) {
  if (!text_.empty() && !other.text_.empty()) text_ += ',';
  text_ += other.text_;
  clauses_.insert(clauses_.end(), other.clauses_.begin(), other.clauses_.end());
}

// --- Requirements ---

std::optional<Requirement> Requirement::parse(std::string_view line) {
  line = trimmed(line);
  Requirement r;
  if (auto semicolon = line.find(';'); semicolon != line.npos) {
    r.marker = trimmed(line.substr(semicolon + 1));
    line = trimmed(line.substr(0, semicolon));
  }
  size_t n = 0;
  auto in_name = [](char c) { return is_digit(c) || is_alpha(c) || c == '-' || c == '_' || c == '.'; };
  while (n < line.size() && in_name(line[n])) n++;
  auto name = line.substr(0, n);
  if (name.empty() || !(is_digit(name[0]) || is_alpha(name[0])) || name.ends_with('-') || name.ends_with('.'))
    return std::nullopt;
  r.name = normalized_name(name);
  auto rest = trimmed(line.substr(n));
  if (rest.starts_with('[')) {
    auto close = rest.find(']');
    if (close == rest.npos) return std::nullopt;
    auto list = rest.substr(1, close - 1);
    while (!list.empty()) {
      auto comma = list.find(',');
      r.extras.emplace_back(trimmed(list.substr(0, comma)));
      list = comma == list.npos ? std::string_view() : list.substr(comma + 1);
    }
    rest = trimmed(rest.substr(close + 1));
  }
  auto specifier = Specifier::parse(rest);
  if (!specifier) return std::nullopt;
  r.specifier = std::move(*specifier);
  return r;
}

std::optional<Requirement> Requirement::of_wheel(std::string_view address) {
  address = trimmed(address.substr(0, address.find_first_of("?#")));
  if (!address.ends_with(".whl")) return std::nullopt;
  auto decoded = percent_decoded(base_name(address, "/\\"));
  if (!decoded) return std::nullopt;
  auto& name = *decoded;
  auto first = name.find('-'), second = name.find('-', first + 1);
  if (first == name.npos || second == name.npos) return std::nullopt;
  auto requirement = parse(name.substr(0, first) + "==" + name.substr(first + 1, second - first - 1));
  if (requirement) requirement->by_address = true;
  return requirement;
}

}  // namespace cufit
