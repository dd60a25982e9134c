#include "render/layout.h"

#include <algorithm>
#include <numeric>

#include "base/number.h"
#include "base/text.h"

namespace cufit::render {

namespace {

/// Ranges of Unicode's East Asian Width W and F (https://www.unicode.org/reports/tr11/), joined to blocks.
bool is_wide(uint32_t c) {
  return (c >= 0x1100 && c <= 0x115f) || (c >= 0x2e80 && c <= 0x303e) || (c >= 0x3041 && c <= 0xa4cf) ||
         (c >= 0xac00 && c <= 0xd7a3) || (c >= 0xf900 && c <= 0xfaff) || (c >= 0xfe30 && c <= 0xfe6f) ||
         (c >= 0xff00 && c <= 0xff60) || (c >= 0xffe0 && c <= 0xffe6) || (c >= 0x1f300 && c <= 0x1f64f) ||
         (c >= 0x20000 && c <= 0x3fffd);
}

/// Marks that must not begin a line: 、。，；：）」］！？ and the closing quotation mark.
bool is_closing(uint32_t c) {
  constexpr std::u32string_view marks = U"、。，；：）」］！？”";
  return marks.find(char32_t(c)) != marks.npos;
}

/// Marks that must not end a line.
bool is_opening(uint32_t c) {
  constexpr std::u32string_view marks = U"（「［“";
  return marks.find(char32_t(c)) != marks.npos;
}

/// The pieces between which a line may be broken; a space stays at the end of its piece.
std::vector<std::string_view> breakable(std::string_view s) {
  std::vector<std::string_view> pieces;
  size_t begin = 0, at = 0;
  bool opening = false;
  auto cut = [&] {
    if (at > begin) pieces.push_back(s.substr(begin, at - begin));
    begin = at;
  };
  while (at < s.size()) {
    auto c = first_char(s.substr(at));
    bool wide = is_wide(c.code);
    if (wide && !is_closing(c.code) && !opening) cut();
    at += std::max<size_t>(c.bytes, 1);
    opening = is_opening(c.code);
    auto next = at < s.size() ? first_char(s.substr(at)) : Utf8Char{};
    if (c.code == ' ' || (wide && !opening && !is_closing(next.code))) cut();
  }
  cut();
  return pieces;
}

std::string_view code_of(Style style) {
  switch (style) {
    case Style::good:
      return "\x1b[32m";
    case Style::mixed:
      return "\x1b[33m";
    case Style::bad:
      return "\x1b[1;31m";
    case Style::open:
      return "\x1b[35m";
    case Style::strong:
      return "\x1b[1m";
    case Style::faint:
      return "\x1b[2m";
    case Style::plain:
      break;
  }
  return {};
}

std::string without_end_spaces(std::string s) {
  s.erase(s.find_last_not_of(' ') + 1);
  return s;
}

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    auto c = first_char(text);
    size_t n = std::max<size_t>(c.bytes, 1);
    if (c.bytes > 0 && !is_control(c.code)) {
      out += text.substr(0, n);
    } else {
      for (unsigned char byte : text.substr(0, n)) out += "\\x" + in_base(byte, 16, 2);
    }
    text.remove_prefix(n);
  }
  return out;
}

size_t columns(std::string_view utf8) {
  size_t n = 0;
  while (!utf8.empty()) {
    auto c = first_char(utf8);
    n += is_wide(c.code) ? 2 : 1;
    utf8.remove_prefix(std::max<size_t>(c.bytes, 1));
  }
  return n;
}

std::string padded(std::string_view utf8, size_t width) {
  std::string out(utf8);
  for (size_t n = columns(utf8); n < width; n++) out += ' ';
  return out;
}

std::vector<std::string> wrapped(std::string_view utf8, size_t width) {
  std::vector<std::string> lines(1);
  size_t used = 0;
  for (auto piece : breakable(utf8)) {
    size_t n = columns(piece);
    if (used > 0 && used + n - (piece.ends_with(' ') ? 1 : 0) > width) {
      lines.back() = without_end_spaces(std::move(lines.back()));
      lines.emplace_back();
      used = 0;
    }
    lines.back() += piece;
    used += n;
  }
  return lines;
}

void Page::put(const Span& span) {
  auto code = color_ ? code_of(span.style) : std::string_view();
  out_ += code;
  out_ += printable(span.text);
  if (!code.empty()) out_ += "\x1b[0m";
}

void Page::line(const std::vector<Span>& spans) {
  size_t last = spans.size();
  while (last > 0 && spans[last - 1].text.find_last_not_of(' ') == std::string::npos) last--;
  for (size_t i = 0; i < last; i++)
    put(i + 1 < last ? spans[i] : Span{without_end_spaces(spans[i].text), spans[i].style});
  out_ += '\n';
}

void Page::item(const Span& head, size_t indent, std::string_view text, Style style) {
  // A terminal narrower than this is not worth breaking lines for.
  constexpr size_t least = 20;
  auto lines =
      width_ >= indent + least ? wrapped(printable(text), width_ - indent) : std::vector{printable(text)};
  for (size_t i = 0; i < lines.size(); i++) {
    line({{padded(i == 0 ? head.text : "", indent), i == 0 ? head.style : Style::plain}, {lines[i], style}});
  }
}

std::vector<size_t> Table::widths() const {
  std::vector<size_t> widths(align_.size());
  for (auto& row : rows_)
    for (size_t i = 0; i < row.size(); i++) widths[i] = std::max(widths[i], columns(printable(row[i].text)));
  return widths;
}

size_t Table::width() const {
  size_t sum = 0;
  for (auto width : widths()) sum += (sum > 0 ? between : 0) + width;
  return sum;
}

void Table::print_part(Page& page, size_t indent, const std::vector<size_t>& shown) const {
  auto wide = widths();
  for (auto& row : rows_) {
    std::vector<Span> spans = {{std::string(indent, ' ')}};
    for (size_t at = 0; at < shown.size() && shown[at] < row.size(); at++) {
      auto& cell = row[shown[at]];
      auto text = printable(cell.text);
      std::string gap(wide[shown[at]] - columns(text), ' ');
      bool right = align_[shown[at]] == Align::right;
      bool last = at + 1 == shown.size() || shown[at + 1] >= row.size();
      if (at > 0) spans.push_back({std::string(between, ' ')});
      if (right) spans.push_back({gap});
      spans.push_back({text, cell.style});
      if (!right && !last) spans.push_back({gap});
    }
    page.line(spans);
  }
}

void Table::print(Page& page, size_t indent) const {
  std::vector<size_t> all(align_.size());
  std::iota(all.begin(), all.end(), 0);
  print_part(page, indent, all);
}

void Table::print_stacked(Page& page) const {
  auto wide = widths();
  for (size_t next = 1; next < wide.size();) {
    std::vector<size_t> shown = {0};
    size_t used = wide[0];
    auto fits = [&] { return page.width() == 0 || used + between + wide[next] <= page.width(); };
    while (next < wide.size() && (shown.size() == 1 || fits())) {
      used += between + wide[next];
      shown.push_back(next++);
    }
    print_part(page, 0, shown);
    page.blank();
  }
}

}  // namespace cufit::render
