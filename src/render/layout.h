// Lines, columns and colours of a terminal. Chinese characters take two columns; nothing that comes from a
// file can reach the terminal as a control sequence, because every text passes through `printable`.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cufit::render {

/// The text with control characters and bytes that are not UTF-8 as "\x1b".
std::string printable(std::string_view text);

/// Columns that the text takes on a terminal.
size_t columns(std::string_view utf8);

/// The text with spaces behind it, up to `width` columns.
std::string padded(std::string_view utf8, size_t width);

/// Cuts at spaces and between Chinese characters into lines of at most `width` columns; a longer word stays
/// whole.
std::vector<std::string> wrapped(std::string_view utf8, size_t width);

enum class Style : uint8_t { plain, good, mixed, bad, open, strong, faint };

/// A piece of a line.
struct Span {
  std::string text;
  Style style = Style::plain;
};

/// Text under construction.
class Page {
 public:
  /// width 0: lines are never broken.
  Page(bool color, size_t width) : color_(color), width_(width) {}

  /// A line of spans, without the spaces at its end.
  void line(const std::vector<Span>& spans);

  /// `head` in a column of `indent` columns, the text beside it, broken to the width of the page.
  void item(const Span& head, size_t indent, std::string_view text, Style style = Style::plain);

  void blank() { out_ += '\n'; }
  size_t width() const { return width_; }
  std::string take() { return std::move(out_); }

 private:
  void put(const Span& span);

  std::string out_;
  bool color_;
  size_t width_;
};

/// Cells in aligned columns; the last one of a row is not padded.
class Table {
 public:
  enum class Align : uint8_t { left, right };
  explicit Table(std::vector<Align> columns) : align_(std::move(columns)) {}
  void row(std::vector<Span> cells) { rows_.push_back(std::move(cells)); }
  /// Columns of the page that it takes.
  size_t width() const;
  void print(Page& page, size_t indent) const;
  /// The first column beside as many others as the page is wide, then beside the next ones; a blank line
  /// behind each part.
  void print_stacked(Page& page) const;

 private:
  std::vector<size_t> widths() const;
  void print_part(Page& page, size_t indent, const std::vector<size_t>& shown) const;

  static constexpr size_t between = 2;  ///< spaces from column to column
  std::vector<Align> align_;
  std::vector<std::vector<Span>> rows_;
};

}  // namespace cufit::render
