#include "base/text.h"

#include <algorithm>
#include <charconv>

namespace cufit {

namespace {

/// One character of a text against the element of a pattern that begins at `p`, which is set behind it.
bool matches_one(std::string_view pattern, size_t& p, char c) {
  char element = pattern[p];
  auto end = element == '[' ? pattern.find(']', p + 2) : pattern.npos;
  if (end == pattern.npos) {  // a '[' without end is an ordinary character
    p++;
    return element == '?' || element == c;
  }
  auto set = pattern.substr(p + 1, end - p - 1);
  p = end + 1;
  bool negated = set[0] == '!';
  if (negated) set.remove_prefix(1);
  bool found = false;
  for (size_t i = 0; i < set.size(); i++) {
    bool range = i + 2 < set.size() && set[i + 1] == '-';
    found |= range ? c >= set[i] && c <= set[i + 2] : c == set[i];
    i += range ? 2 : 0;
  }
  return found != negated;
}

}  // namespace

std::string_view trimmed(std::string_view text, std::string_view blanks) {
  auto from = text.find_first_not_of(blanks);
  return from == text.npos ? std::string_view() : text.substr(from, text.find_last_not_of(blanks) - from + 1);
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (auto& c : out)
    if (c >= 'A' && c <= 'Z') c = char(c - 'A' + 'a');
  return out;
}

std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> parts;
  for (size_t end; (end = text.find(at)) != text.npos; text.remove_prefix(end + 1))
    parts.push_back(text.substr(0, end));
  parts.push_back(text);
  return parts;
}

std::string_view base_name(std::string_view path, std::string_view separators) {
  return path.substr(path.find_last_of(separators) + 1);
}

std::string path_in(std::string_view folder, std::string_view name) {
  std::string path(folder);
  if (!path.empty() && path != "/") path += '/';
  return path += name;
}

std::string folder_of(std::string_view path) {
  auto slash = path.rfind('/');
  if (slash == path.npos) return {};
  return std::string(path.substr(0, std::max<size_t>(slash, 1)));
}

bool matches_pattern(std::string_view pattern, std::string_view text) {
  // Goes back to the last star only: an earlier one need not give more.
  size_t p = 0, t = 0, star = pattern.npos, retry = 0;
  while (t < text.size()) {
    size_t next = p;
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      retry = t;
    } else if (p < pattern.size() && matches_one(pattern, next, text[t])) {
      p = next;
      t++;
    } else if (star != pattern.npos) {
      p = star + 1;
      t = ++retry;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') p++;
  return p == pattern.size();
}

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); i++) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    auto digits = text.substr(i + 1, 2);
    unsigned char byte = 0;
    auto end = std::from_chars(digits.data(), digits.data() + digits.size(), byte, 16).ptr;
    if (digits.size() != 2 || end != digits.data() + 2 || byte == 0) return std::nullopt;
    out += char(byte);
    i += 2;
  }
  return out;
}

Utf8Char first_char(std::string_view s) {
  auto byte = [&](size_t i) { return uint8_t(s[i]); };
  if (s.empty()) return {};
  if (byte(0) < 0x80) return {byte(0), 1};
  size_t n = byte(0) >= 0xf0 && byte(0) < 0xf5   ? 4
             : byte(0) >= 0xe0 && byte(0) < 0xf0 ? 3
             : byte(0) >= 0xc2 && byte(0) < 0xe0 ? 2
                                                 : 0;
  if (n == 0 || s.size() < n) return {};
  uint32_t code = byte(0) & (0x7fu >> n);
  for (size_t i = 1; i < n; i++) {
    if ((byte(i) & 0xc0) != 0x80) return {};
    code = code << 6 | (byte(i) & 0x3fu);
  }
  bool overlong = (n == 3 && code < 0x800) || (n == 4 && code < 0x10000);
  if (overlong || (code >= 0xd800 && code < 0xe000) || code > 0x10ffff) return {};
  return {code, n};
}

bool is_control(uint32_t c) {
  return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x200b && c <= 0x200f) ||
         (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

std::string readable(std::string_view text, std::string_view kept) {
  std::string out;
  while (!text.empty()) {
    auto c = first_char(text);
    size_t n = std::max<size_t>(c.bytes, 1);
    bool keeps = c.bytes > 0 && (!is_control(c.code) || (n == 1 && kept.contains(text[0])));
    out += keeps ? text.substr(0, n) : "?";
    text.remove_prefix(n);
  }
  return out;
}

}  // namespace cufit
