#include "collect/log_line.h"

#include <algorithm>

#include "base/number.h"
#include "base/text.h"

namespace cufit::collect {

namespace {

bool is_line_end(char c) { return c == '\n' || c == '\r'; }

/// The digits that follow `mark` within the first bytes of a line; empty if it is not there.
std::string_view digits_behind(std::string_view line, std::string_view mark) {
  auto at = line.find(mark);
  if (at == line.npos) return {};
  auto digits = line.substr(at + mark.size());
  size_t n = 0;
  while (n < digits.size() && is_digit(digits[n])) n++;
  return digits.substr(0, n);
}

/// Docker Compose, "name-1  | text", and MPI, "[1,3]<stderr>:text".
std::string labelled_stream(std::string_view line) {
  if (auto bar = line.find(" | "); bar != line.npos && bar > 0 && bar < 40) {
    auto name = trimmed(line.substr(0, bar));
    bool plain = std::ranges::all_of(
        name, [](char c) { return is_digit(c) || (c | 0x20) >= 'a' || c == '-' || c == '_' || c == '.'; });
    // The columns of a table of numbers are none.
    if (plain && !name.empty() && !is_digit(name[0])) return std::string(name);
  }
  if (line.starts_with('['))
    if (auto close = line.find("]<std"); close != line.npos && close < 20)
      if (auto comma = line.find(','); comma < close)
        return "rank " + readable(line.substr(comma + 1, close - comma - 1));
  return {};
}

}  // namespace

LineSpan line_around(std::string_view text, size_t at, size_t most) {
  size_t begin = at, end = at;
  while (begin > 0 && at - begin < most && !is_line_end(text[begin - 1])) begin--;
  while (end < text.size() && end - at < most && !is_line_end(text[end])) end++;
  return {begin, end};
}

std::string stream_of(std::string_view line) {
  line = line.substr(0, 160);
  for (std::string_view mark : {"[rank", "[Rank ", "[rank ", "Rank:", "rank=", "RANK="})
    if (auto n = digits_behind(line, mark); !n.empty()) return "rank " + std::string(n);
  // NCCL: host:pid:tid [GPU] NCCL
  if (auto nccl = line.find("] NCCL "); nccl != line.npos)
    if (auto open = line.rfind('[', nccl); open != line.npos)
      if (auto n = digits_behind(line.substr(open), "["); !n.empty()) return "GPU " + std::string(n);
  if (auto open = line.find('('); open != line.npos)
    if (auto n = digits_behind(line.substr(open, line.find(')', open) - open), "pid="); !n.empty())
      return "pid " + std::string(n);
  return labelled_stream(line);
}

bool is_quoted_code(std::string_view text, LineSpan line) {
  auto own = text.substr(line.begin, line.end - line.begin);
  // Tracebacks of rich: "│ ❱ 28 │   raise ...".
  if (own.find("\xe2\x9d\xb1") != own.npos) return true;
  if (line.begin == 0) return false;
  auto above = line_around(text, line.begin - 1);
  if (above.end > line.begin) return false;
  auto frame = text.substr(above.begin, above.end - above.begin);
  auto file = frame.find("File \"");
  if (file == frame.npos || frame.find("\", line ", file) == frame.npos) return false;
  // What stands deeper than the frame is its code.
  return own.size() > file && own.substr(file).starts_with("  ");
}

std::string shown(std::string_view text, LineSpan line, size_t at, size_t most) {
  size_t begin = line.begin;
  if (line.end - line.begin > most && at - line.begin > most / 4) begin = at - most / 4;
  size_t end = std::min(line.end, begin + most);
  // Not through a character.
  auto is_rest = [&](size_t i) { return i < text.size() && (uint8_t(text[i]) & 0xc0) == 0x80; };
  while (begin < end && begin > line.begin && is_rest(begin)) begin++;
  while (end > begin && end < line.end && is_rest(end)) end--;
  auto words = readable(trimmed(text.substr(begin, end - begin)));
  if (begin > line.begin) words = "..." + words;
  if (end < line.end) words += "...";
  return words;
}

}  // namespace cufit::collect
