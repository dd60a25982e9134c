#include "formats/ptx.h"

#include <string_view>

#include "base/number.h"

namespace cufit::formats {
namespace {

/// Drops blanks, line ends and comments.
void skip_blank(std::string_view& s) {
  while (!s.empty()) {
    if (s.front() == ' ' || (s.front() >= '\t' && s.front() <= '\r')) {
      s.remove_prefix(1);
    } else if (s.starts_with("//")) {
      s.remove_prefix(std::min(s.find('\n'), s.size()));
    } else if (s.starts_with("/*")) {
      auto end = s.find("*/", 2);
      s.remove_prefix(end == s.npos ? s.size() : end + 2);
    } else {
      return;
    }
  }
}

bool take(std::string_view& s, std::string_view word) {
  if (!s.starts_with(word)) return false;
  s.remove_prefix(word.size());
  return true;
}

std::optional<unsigned> take_at_most(std::string_view& s, unsigned max) {
  auto n = take_number<unsigned>(s);
  return n && *n <= max ? n : std::nullopt;
}

}  // namespace

std::optional<PtxHead> read_ptx_head(Bytes text) {
  std::string_view s = as_text(text);
  take(s, "\xEF\xBB\xBF");
  skip_blank(s);
  if (!take(s, ".version")) return std::nullopt;
  skip_blank(s);
  auto major = take_at_most(s, 99);
  if (!major || !take(s, ".")) return std::nullopt;
  auto minor = take_at_most(s, 99);
  if (!minor) return std::nullopt;
  skip_blank(s);
  if (!take(s, ".target")) return std::nullopt;
  skip_blank(s);
  if (!take(s, "sm_")) return std::nullopt;
  auto arch = take_at_most(s, 999);
  if (!arch || *arch < 10) return std::nullopt;

  Image i;
  i.kind = Kind::ptx;
  i.arch = uint16_t(*arch);
  i.major = uint8_t(*major);
  i.minor = uint8_t(*minor);
  if (!s.empty() && (s.front() == 'a' || s.front() == 'f')) i.suffix = s.front();
  // `.target sm_80, debug` is what -G writes
  auto line = s.substr(0, s.find('\n'));
  i.debug = line.substr(0, line.find("//")).find("debug") != line.npos;
  s.remove_prefix(line.size());
  return PtxHead{i, text.size() - s.size()};
}

std::optional<Image> read_ptx(Bytes text) {
  auto head = read_ptx_head(text);
  return head ? std::optional(head->image) : std::nullopt;
}

}  // namespace cufit::formats
