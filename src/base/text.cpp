#include "base/text.h"

#include <charconv>

namespace cufit {

std::string_view trimmed(std::string_view text, std::string_view blanks) {
  auto from = text.find_first_not_of(blanks);
  return from == text.npos ? std::string_view() : text.substr(from, text.find_last_not_of(blanks) - from + 1);
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

}  // namespace cufit
