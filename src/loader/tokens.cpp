#include "loader/tokens.h"

#include <algorithm>

namespace cufit {
namespace {

constexpr std::string_view kOrigin = "ORIGIN", kLib = "LIB", kPlatform = "PLATFORM";

bool continues_name(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

/// Length of the token behind a dollar sign, braces counted; 0 if it is not `name`.
size_t token_length(std::string_view behind, std::string_view name) {
  bool curly = behind.starts_with('{');
  if (curly) behind.remove_prefix(1);
  if (!behind.starts_with(name)) return 0;
  behind.remove_prefix(name.size());
  if (curly) return behind.starts_with('}') ? name.size() + 2 : 0;
  return !behind.empty() && continues_name(behind[0]) ? 0 : name.size();
}

/// "/lib/../opt/x" is not below "/lib": ".." and "." are taken out as text, links are not followed.
bool is_trusted(std::string_view path, const std::vector<std::string>& trusted) {
  std::string normal;
  for (size_t i = 0; i <= path.size();) {
    size_t end = std::min(path.find('/', i), path.size());
    auto name = path.substr(i, end - i);
    if (name == "..")
      normal.resize(normal.empty() ? 0 : normal.rfind('/'));
    else if (!name.empty() && name != ".")
      normal += '/' + std::string(name);
    i = end + 1;
  }
  normal += '/';
  return std::ranges::any_of(trusted, [&](const std::string& t) { return normal.starts_with(t + '/'); });
}

}  // namespace

bool has_token(std::string_view text) {
  for (size_t at = text.find('$'); at != text.npos; at = text.find('$', at + 1))
    for (auto name : {kOrigin, kLib, kPlatform})
      if (token_length(text.substr(at + 1), name) > 0) return true;
  return false;
}

Expanded expand(std::string_view text, const Tokens& tokens) {
  std::string out;
  bool check = false;
  for (size_t at = 0; at < text.size();) {
    auto behind = text[at] == '$' ? text.substr(at + 1) : std::string_view();
    const std::optional<std::string>* value = nullptr;
    size_t length = 0;
    for (auto [name, known] :
         {std::pair{kOrigin, &tokens.origin}, {kPlatform, &tokens.platform}, {kLib, &tokens.lib}})
      if (!behind.empty() && length == 0 && (length = token_length(behind, name)) > 0) value = known;
    if (length == 0) {
      out += text[at++];
      continue;
    }
    if (value == &tokens.origin && tokens.secure) {
      auto rest = behind.substr(length);
      if (at != 0 || !(rest.empty() || rest[0] == '/')) return {};
      check = tokens.trusted.has_value();
    }
    if (!*value) return {"", std::string(text.substr(at, length + 1))};
    out += **value;
    at += 1 + length;
  }
  if (check && !is_trusted(out, *tokens.trusted)) return {};
  return {out};
}

}  // namespace cufit
