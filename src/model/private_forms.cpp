#include "model/private_forms.h"

#include <optional>

#include "base/text.h"
#include "model/private_patterns.h"

namespace cufit {

namespace {

/// A JSON Web Token: three parts in base64url, of which the first begins with {" .
size_t jwt_length(std::string_view rest) {
  if (!rest.starts_with("eyJ")) return 0;
  auto head = length_while(rest, is_token);
  if (head < 10 || head >= rest.size() || rest[head] != '.') return 0;
  auto body = length_while(rest.substr(head + 1), is_token);
  if (body < 10) return 0;
  auto end = head + 1 + body;
  if (end < rest.size() && rest[end] == '.') end += 1 + length_while(rest.substr(end + 1), is_token);
  return end;
}

bool is_v4(std::string_view text) {
  auto parts = split(text, '.');
  return parts.size() == 4 && std::ranges::all_of(parts, [](std::string_view part) {
           auto n = part.size() > 3 ? std::nullopt : whole_number<unsigned>(part);
           return n && *n < 256;
         });
}

}  // namespace

bool is_uuid(std::string_view s) {
  if (s.size() != 36) return false;
  for (size_t i = 0; i < s.size(); i++) {
    bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? s[i] != '-' : !is_hex(s[i])) return false;
  }
  return true;
}

size_t token_length(std::string_view rest) {
  if (auto length = jwt_length(rest)) return length;
  for (auto& form : token_forms) {
    if (!rest.starts_with(form.begins)) continue;
    auto tail = rest.substr(form.begins.size());
    auto length = form.dashes ? length_while(tail, is_token) : length_while(tail, is_alnum);
    tail = tail.substr(0, length);
    // Random letters and digits nearly always have a digit among so many; names of folders seldom have.
    if (length < form.least || (form.has_digit && std::ranges::none_of(tail, is_digit))) continue;
    return form.begins.size() + length;
  }
  return 0;
}

size_t mac_length(std::string_view rest) {
  constexpr size_t length = 17;
  if (rest.size() < length || !ends_at(rest, length) || (rest.size() > length && rest[length] == ':'))
    return 0;
  for (size_t i = 0; i < length; i++)
    if (i % 3 == 2 ? rest[i] != ':' : !is_hex(rest[i])) return 0;
  return length;
}

size_t address_length(std::string_view rest) {
  auto length = length_while(rest, [](char c) { return is_hex(c) || c == ':' || c == '.'; });
  auto text = rest.substr(0, length);
  if (!ends_at(rest, length)) return 0;
  auto v4 = text.substr(0, text.find(':'));
  if (is_v4(v4)) return v4.starts_with("127.") || v4 == "0.0.0.0" ? 0 : v4.size();
  auto colons = std::ranges::count(text, ':');
  if (colons < 2 || colons > 8 || text.contains('.') || text == "::1" || text.front() == ':' ||
      (text.back() == ':' && !text.ends_with("::")))
    return 0;
  return text.contains("::") || colons == 7 ? length : 0;
}

size_t home_length(std::string_view folder, std::string_view rest) {
  size_t at = 0;
  for (char c : folder) {
    auto any = rest.substr(std::min(at, rest.size()));
    size_t length = c == '*'   ? any.substr(0, any.find('/')).size()
                    : c == '#' ? length_while(any, is_digit)
                               : any.starts_with(c);
    if (length == 0) return 0;
    at += length;
  }
  return at;
}

size_t shard_length(std::string_view rest) {
  return rest.size() > 2 && is_alnum(rest[0]) && rest[1] == '/' && rest[2] == rest[0] ? 2 : 0;
}

bool is_random(std::string_view item) {
  constexpr size_t least = 32;
  if (item.size() < least || std::string_view("/.~$").find(item[0]) != item.npos) return false;
  bool upper = false, small = false, digit = false, hex = true;
  for (char c : item) {
    if (!is_token(c) && c != '+' && c != '/' && c != '=') return false;
    upper |= c >= 'A' && c <= 'Z';
    small |= c >= 'a' && c <= 'z';
    digit |= is_digit(c);
    hex &= is_hex(c);
  }
  return digit && ((hex && (upper || small)) || (upper && small));
}

}  // namespace cufit
