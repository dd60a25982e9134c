#include "render/template.h"

#include <algorithm>

namespace cufit::render {

namespace {

Result<Piece> parse_parameter(std::string_view inside) {
  if (inside.find('{') != inside.npos)
    return fail("a brace inside {" + std::string(inside) + "}: write {n} {n|one|many}");
  Piece p;
  auto bar = inside.find('|');
  p.parameter = inside.substr(0, bar);
  if (p.parameter.empty()) return fail("a parameter without a name");
  if (bar == inside.npos) return p;
  auto second = inside.find('|', bar + 1);
  if (second == inside.npos || inside.find('|', second + 1) != inside.npos)
    return fail("expected {name|one|many}, found {" + std::string(inside) + "}");
  p.plural = true;
  p.one = inside.substr(bar + 1, second - bar - 1);
  p.many = inside.substr(second + 1);
  return p;
}

}  // namespace

Result<std::vector<Piece>> parse_template(std::string_view text) {
  std::vector<Piece> pieces;
  while (!text.empty()) {
    auto brace = text.find_first_of("{}");
    if (brace != 0)
      pieces.push_back({.literal = text.substr(0, brace), .parameter = {}, .one = {}, .many = {}});
    if (brace == text.npos) break;
    text.remove_prefix(brace);
    if (text.size() > 1 && text[1] == text[0]) {
      pieces.push_back({.literal = text.substr(0, 1), .parameter = {}, .one = {}, .many = {}});
      text.remove_prefix(2);
      continue;
    }
    auto end = text.find('}');
    if (text[0] == '}' || end == text.npos)
      return fail("a brace without partner near \"" + std::string(text.substr(0, 20)) + '"');
    auto piece = parse_parameter(text.substr(1, end - 1));
    if (!piece) return std::unexpected(piece.error());
    pieces.push_back(*piece);
    text.remove_prefix(end + 1);
  }
  return pieces;
}

std::vector<std::string_view> parameters_of(const std::vector<Piece>& pieces) {
  std::vector<std::string_view> names;
  for (auto& p : pieces)
    if (!p.parameter.empty()) names.push_back(p.parameter);
  std::ranges::sort(names);
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

std::string fill(const std::vector<Piece>& pieces,
                 const std::vector<std::pair<std::string, std::string>>& args) {
  std::string out;
  for (auto& p : pieces) {
    if (p.parameter.empty()) {
      out += p.literal;
      continue;
    }
    auto arg = std::ranges::find_if(args, [&](auto& a) { return a.first == p.parameter; });
    if (arg == args.end())
      out.append("{").append(p.parameter).append("}");
    else if (p.plural)
      out += arg->second == "1" ? p.one : p.many;
    else
      out += arg->second;
  }
  return out;
}

}  // namespace cufit::render
