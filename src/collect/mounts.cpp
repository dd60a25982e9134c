#include "collect/mounts.h"

#include "base/text.h"

namespace cufit::collect {
namespace {

/// "\040" is a space: blanks, line ends and backslashes are written as three octal digits.
std::string unescaped(std::string_view text) {
  auto octal = [](char c) { return c >= '0' && c <= '7'; };
  std::string out;
  for (size_t i = 0; i < text.size(); i++) {
    auto digits = text.substr(i + 1, 3);
    if (text[i] == '\\' && digits.size() == 3 && octal(digits[0]) && octal(digits[1]) && octal(digits[2])) {
      out += char((digits[0] - '0') << 6 | (digits[1] - '0') << 3 | (digits[2] - '0'));
      i += 3;
    } else {
      out += text[i];
    }
  }
  return out;
}

}  // namespace

std::vector<Mount> parse_mounts(std::string_view mountinfo) {
  std::vector<Mount> mounts;
  for (auto line : split(mountinfo, '\n')) {
    auto fields = split(line, ' ');
    // ID parent major:minor root point options [tags...] - type source super
    constexpr size_t kTags = 6;
    size_t dash = kTags;
    while (dash < fields.size() && fields[dash] != "-") dash++;
    if (dash + 3 >= fields.size()) continue;
    mounts.push_back({unescaped(fields[3]), unescaped(fields[4]), std::string(fields[5]),
                      std::string(fields[dash + 1]), std::string(fields[dash + 3])});
  }
  return mounts;
}

std::vector<CgroupLine> parse_cgroups(std::string_view text) {
  std::vector<CgroupLine> lines;
  for (auto line : split(text, '\n')) {
    auto first = line.find(':'), second = first == line.npos ? line.npos : line.find(':', first + 1);
    if (second == line.npos) continue;
    auto names = line.substr(first + 1, second - first - 1);
    CgroupLine out;
    out.path = line.substr(second + 1);
    if (!names.empty())
      for (auto name : split(names, ',')) out.controllers.emplace_back(name);
    lines.push_back(std::move(out));
  }
  return lines;
}

std::optional<std::string_view> option(std::string_view options, std::string_view name) {
  for (auto o : split(options, ',')) {
    if (o == name) return std::string_view();
    if (o.starts_with(name) && o.substr(name.size()).starts_with('=')) return o.substr(name.size() + 1);
  }
  return std::nullopt;
}

}  // namespace cufit::collect
