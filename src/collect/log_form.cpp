#include "collect/log_form.h"

#include <algorithm>
#include <climits>

#include "base/number.h"

namespace cufit::collect {

namespace {

constexpr std::array<std::string_view, 9> type_names = {"number", "hex",  "version", "word", "name",
                                                        "path",   "size", "text",    "line"};
constexpr size_t longest_capture = 400, longest_blank = 100;

bool is_letter(char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; }
bool is_blank(char c) { return c == ' ' || c == '\t'; }
bool is_line_end(char c) { return c == '\n' || c == '\r'; }
bool is_one_of(char c, std::string_view set) { return set.find(c) != set.npos; }

/// May this byte be part of such a capture?
bool takes(CaptureType type, char c) {
  switch (type) {
    case CaptureType::number:
      return is_digit(c) || c == '.' || c == ',';
    case CaptureType::hex:
      return is_digit(c) || (is_letter(c) && is_one_of(c | 0x20, "abcdefx"));
    case CaptureType::version:
      return is_digit(c) || is_letter(c) || is_one_of(c, ".+-_");
    case CaptureType::word:
      return is_digit(c) || is_letter(c) || c == '_';
    case CaptureType::name:
      return is_digit(c) || is_letter(c) || is_one_of(c, "_.+-");
    case CaptureType::path:
      return !is_blank(c) && !is_line_end(c) && !is_one_of(c, "'\"`()[]{}<>,;|");
    case CaptureType::size:
      return is_digit(c) || is_letter(c) || c == '.' || c == ',' || c == ' ';
    case CaptureType::text:
    case CaptureType::line:
      return !is_line_end(c);
  }
  return false;
}

/// Bytes that such a capture has at least.
size_t least_of(CaptureType type) { return type == CaptureType::text || type == CaptureType::line ? 0 : 1; }

/// How unusual a byte is in logs: words are common, names with capitals, digits and signs are not.
constexpr int rarity(char c) {
  if (c == ' ') return -8;  // which the log may have as a run, or as the end of a line
  if (c >= 'a' && c <= 'z') return std::string_view("etaoinsrl").contains(c) ? 1 : 2;
  if (c == '.' || c == ',' || c == ':' || c == '-') return 1;
  return is_digit(c) ? 2 : 4;
}
constexpr auto rarities = [] {
  std::array<int8_t, 256> all = {};
  for (size_t i = 0; i < all.size(); i++) all[i] = int8_t(rarity(char(i)));
  return all;
}();

/// Behind the end of a line: past what stands before the text of each line ("[rank0]: ", time stamps), as far
/// as this line and the one above have it in common but for digits.
size_t past_prefix(std::string_view text, size_t line) {
  size_t above = line - 1;
  while (above > 0 && !is_line_end(text[above - 1])) above--;
  size_t n = 0, cut = 0;
  while (line + n < text.size() && above + n < line - 1) {
    char a = text[above + n], b = text[line + n];
    if (is_line_end(b) || (a != b && !(is_digit(a) && is_digit(b)))) break;
    n++;
    if (is_one_of(b, " ]|:") && (line + n >= text.size() || !is_one_of(text[line + n], ":]|"))) cut = n;
  }
  return line + cut;
}

/// Behind a run of blanks that may hold one end of a line.
size_t past_blanks(std::string_view text, size_t at) {
  auto last = std::min(text.size(), at + longest_blank);
  auto skip = [&] {
    while (at < last && is_blank(text[at])) at++;
  };
  skip();
  if (at >= text.size() || !is_line_end(text[at])) return at;
  if (text[at] == '\r' && at + 1 < text.size() && text[at + 1] == '\n') at++;
  at = past_prefix(text, at + 1);
  last = std::min(text.size(), at + longest_blank);
  skip();
  return at;
}

/// Before such a run.
size_t before_blanks(std::string_view text, size_t end) {
  size_t first = end > longest_blank ? end - longest_blank : 0;
  while (end > first && (is_blank(text[end - 1]) || is_line_end(text[end - 1]))) end--;
  return end;
}

/// The end of the literal that begins at text[at]; nothing if another text stands there.
std::optional<size_t> literal_end(std::string_view text, size_t at, std::string_view literal) {
  for (size_t i = 0; i < literal.size(); i++) {
    if (literal[i] == ' ') {
      auto next = past_blanks(text, at);
      if (next == at) return std::nullopt;
      at = next;
    } else {
      if (at >= text.size() || text[at] != literal[i]) return std::nullopt;
      at++;
    }
  }
  return at;
}

std::optional<size_t> literal_begin(std::string_view text, size_t end, std::string_view literal) {
  for (size_t i = literal.size(); i-- > 0;) {
    if (literal[i] == ' ') {
      auto next = before_blanks(text, end);
      if (next == end) return std::nullopt;
      end = next;
    } else {
      if (end == 0 || text[end - 1] != literal[i]) return std::nullopt;
      end--;
    }
  }
  return end;
}

/// The number and its unit of what may go on: "20.00 MiB" of "20.00 MiB. GPU".
std::string_view size_in(std::string_view value) {
  size_t n = 0;
  auto skip = [&](auto is) {
    while (n < value.size() && is(value[n])) n++;
  };
  skip([](char c) { return is_digit(c) || c == '.' || c == ','; });
  if (n + 1 < value.size() && value[n] == ' ' && is_letter(value[n + 1])) n++;
  skip(is_letter);
  return value.substr(0, n);
}

std::string_view without_end_marks(std::string_view value, CaptureType type) {
  if (type == CaptureType::size) return size_in(value);
  auto marks = type == CaptureType::path ? ".:"
               : type == CaptureType::name || type == CaptureType::version || type == CaptureType::number
                   ? ".,-"
                   : " \t";
  while (!value.empty() && is_one_of(value.back(), marks)) value.remove_suffix(1);
  while (!value.empty() && is_blank(value.front())) value.remove_prefix(1);
  return value;
}

/// Parts of words that are in most logs: an anchor without them is looked at less often.
constexpr std::string_view common_parts =
    "memo emor mory devi evic vice CUDA cuda mode odel batc atch vali alid acce cces load file File erro "
    "rror Erro "
    "INFO rank loss poch step trai rain tens enso nsor torc orch pyth ytho thon line site acka kage kern "
    "erne rnel "
    "vers ersi rsio sion tion avai able down ning Warn arni WARN conf proc oces cess ther with from 2026 ";
constexpr size_t part_size = 4;

constexpr size_t slot_of(std::string_view four) {
  uint32_t n = 0;
  for (char c : four) n = n << 8 | uint8_t(c);
  return (n * 0x9e3779b1u) >> 20;
}
constexpr auto is_common_part = [] {
  std::array<bool, 4096> all = {};
  for (size_t i = 0; i + part_size < common_parts.size(); i += part_size + 1)
    all[slot_of(common_parts.substr(i, part_size))] = true;
  return all;
}();

/// What the four bytes that begin here count.
int rarity_of_part(std::string_view text, size_t at) {
  constexpr int of_common = -4;
  return at + part_size <= text.size() && is_common_part[slot_of(text.substr(at, part_size))] ? of_common : 0;
}

}  // namespace

std::optional<CaptureType> capture_type(std::string_view name) {
  auto at = std::ranges::find(type_names, name);
  if (at == type_names.end()) return std::nullopt;
  return CaptureType(at - type_names.begin());
}

std::expected<LogForm, std::string> LogForm::parse(std::string_view form) {
  LogForm parsed;
  auto& all = parsed.elements_;
  while (!form.empty()) {
    auto open = form.find('{');
    bool brace = open != form.npos && form.substr(open).starts_with("{{");
    if (auto literal = form.substr(0, brace ? open + 1 : open); !literal.empty())
      all.push_back({false, literal, CaptureType::text, {}});
    if (open == form.npos) break;
    if (brace) {
      form.remove_prefix(open + 2);
      continue;
    }
    auto close = form.find('}', open);
    if (close == form.npos) return std::unexpected("a capture without '}'");
    auto inside = form.substr(open + 1, close - open - 1);
    auto colon = inside.find(':');
    auto type = colon == inside.npos ? std::nullopt : capture_type(inside.substr(colon + 1));
    if (!type) return std::unexpected("'" + std::string(inside) + "' is no capture of the form NAME:TYPE");
    if (!all.empty() && all.back().is_capture) return std::unexpected("two captures side by side");
    all.push_back({true, {}, *type, inside.substr(0, colon)});
    form.remove_prefix(close + 1);
  }
  int best = INT_MIN;
  for (size_t e = 0; e < all.size(); e++) {
    auto& literal = all[e].literal;
    int score = 0;  // of the eight bytes that end at i
    for (size_t i = 0; i < literal.size(); i++) {
      // Its bytes, and the parts that end in it.
      score += rarities[uint8_t(literal[i])];
      if (i + 1 >= part_size) score += rarity_of_part(literal, i + 1 - part_size);
      if (i >= anchor_size)
        score -= rarities[uint8_t(literal[i - anchor_size])] + rarity_of_part(literal, i - anchor_size);
      if (i + 1 < anchor_size || score <= best) continue;
      best = score;
      parsed.element_ = e, parsed.offset_ = i + 1 - anchor_size;
      parsed.anchor_ = literal.substr(parsed.offset_, anchor_size);
    }
  }
  if (best == INT_MIN) return std::unexpected("no literal of eight bytes to look for");
  return parsed;
}

std::optional<size_t> LogForm::forward(std::string_view text, size_t at, FormMatch& match) const {
  for (size_t e = element_ + 1; e < elements_.size(); e++) {
    auto& capture = elements_[e];
    if (!capture.is_capture) {  // a literal behind "{{"
      auto end = literal_end(text, at, capture.literal);
      if (!end) return std::nullopt;
      at = *end;
      continue;
    }
    size_t most = at;
    while (most < text.size() && most - at < longest_capture && takes(capture.type, text[most])) most++;
    size_t end = most;
    if (e + 1 < elements_.size()) {
      std::optional<size_t> behind;
      for (end = at + least_of(capture.type); end <= most && !behind; end++)
        behind = literal_end(text, end, elements_[e + 1].literal);
      if (!behind) return std::nullopt;
      end--;
      match.captures.emplace_back(capture.name, text.substr(at, end - at));
      at = *behind;
      e++;
    } else {
      if (end - at < least_of(capture.type)) return std::nullopt;
      match.captures.emplace_back(capture.name, text.substr(at, end - at));
      at = end;
    }
  }
  return at;
}

std::optional<size_t> LogForm::backward(std::string_view text, size_t end, FormMatch& match) const {
  for (size_t e = element_; e-- > 0;) {
    auto& capture = elements_[e];
    if (!capture.is_capture) {
      auto begin = literal_begin(text, end, capture.literal);
      if (!begin) return std::nullopt;
      end = *begin;
      continue;
    }
    size_t least = end;
    while (least > 0 && end - least < longest_capture && takes(capture.type, text[least - 1])) least--;
    size_t begin = least;
    if (e > 0) {
      std::optional<size_t> before;
      for (begin = end + 1 - least_of(capture.type); begin-- > least && !before;)
        before = literal_begin(text, begin, elements_[e - 1].literal);
      if (!before) return std::nullopt;
      begin++;
      match.captures.emplace_back(capture.name, text.substr(begin, end - begin));
      end = *before;
      e--;
    } else {
      if (end - begin < least_of(capture.type)) return std::nullopt;
      match.captures.emplace_back(capture.name, text.substr(begin, end - begin));
      end = begin;
    }
  }
  return end;
}

std::optional<FormMatch> LogForm::match(std::string_view text, size_t at) const {
  size_t first = at > reach ? at - reach : 0;
  text = text.substr(first, (at - first) + anchor_size + reach);
  at -= first;
  auto& literal = elements_[element_].literal;
  FormMatch match;
  auto begin = literal_begin(text, at, literal.substr(0, offset_));
  if (!begin) return std::nullopt;
  begin = backward(text, *begin, match);
  if (!begin) return std::nullopt;
  std::ranges::reverse(match.captures);
  auto end = literal_end(text, at + anchor_size, literal.substr(offset_ + anchor_size));
  if (!end) return std::nullopt;
  end = forward(text, *end, match);
  if (!end) return std::nullopt;
  for (auto& element : elements_) {
    if (!element.is_capture) continue;
    for (auto& [name, value] : match.captures)
      if (name.data() == element.name.data() || name == element.name)
        value = without_end_marks(value, element.type);
  }
  std::erase_if(match.captures, [](auto& capture) { return capture.first.empty(); });
  match.begin = *begin + first;
  match.end = *end + first;
  return match;
}

}  // namespace cufit::collect
