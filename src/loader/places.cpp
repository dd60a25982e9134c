#include "loader/places.h"

#include <algorithm>

#include "loader/cpu.h"

namespace cufit {
namespace {

/// All that can be made of `names`, as _dl_important_hwcaps of glibc up to 2.36 does: each subset is a
/// folder, the last name outermost; the more of the last names in it, the earlier.
void add_combinations(const std::vector<std::string>& names, bool sure, std::vector<Subfolder>& to) {
  for (size_t set = (size_t{1} << names.size()) - 1; set > 0; set--) {
    std::string folder;
    for (size_t i = names.size(); i-- > 0;)
      if (set >> i & 1) folder += (folder.empty() ? "" : "/") + names[i];
    to.push_back({std::move(folder), sure});
  }
}

}  // namespace

std::vector<SearchPlace> places_of(std::string_view list, std::string_view separators, Found found,
                                   const std::string& of, const Tokens& tokens) {
  std::vector<SearchPlace> places;
  if (list.empty()) return places;
  for (size_t from = 0; from <= list.size();) {
    size_t end = std::min(list.find_first_of(separators, from), list.size());
    std::string entry(list.substr(from, end - from));
    from = end + 1;
    auto expanded = expand(entry, tokens);
    if (expanded.open.empty() && expanded.text.empty() && !entry.empty()) continue;
    while (expanded.text.size() > 1 && expanded.text.ends_with('/')) expanded.text.pop_back();
    bool known = std::ranges::any_of(places, [&](const SearchPlace& p) {
      return p.open.empty() && expanded.open.empty() && p.folder == expanded.text;
    });
    if (!known)
      places.push_back({found, std::move(expanded.text), std::move(entry), of, std::move(expanded.open)});
  }
  return places;
}

std::vector<Subfolder> subfolders(const std::string& arch, const Cpu* cpu, const unsigned* minor,
                                  bool masked) {
  std::vector<Subfolder> subs;
  bool x86 = arch == "x86_64";
  if (!minor || *minor >= 33) {
    if (cpu && x86)
      for (const auto& level : cpu->levels) subs.push_back({"glibc-hwcaps/" + level, minor != nullptr});
    else if (x86)
      for (auto level : {"v4", "v3", "v2"})
        subs.push_back({"glibc-hwcaps/x86-64-" + std::string(level), false});
    else if (arch == "ppc64le")
      for (auto level : {"power10", "power9"}) subs.push_back({"glibc-hwcaps/" + std::string(level), false});
  }
  if (minor && *minor >= 37) return subs;
  bool sure = minor && *minor >= 26 && cpu && x86 && !masked;
  std::vector<std::string> names;
  if (!x86) {
    names = {arch, "tls"};  // the bits of AT_HWCAP add more, which cufit does not know
  } else if (cpu) {
    names = {"x86_64"};
    if (cpu->avx512_1) names.push_back("avx512_1");
    names.push_back(cpu->platform);
    names.push_back("tls");
  } else {
    names = {"x86_64", "avx512_1", "xeon_phi", "haswell", "tls"};
  }
  add_combinations(names, sure, subs);
  return subs;
}

}  // namespace cufit
