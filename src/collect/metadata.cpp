#include "collect/metadata.h"

#include <algorithm>
#include <array>

#include "base/number.h"
#include "base/text.h"
#include "model/package.h"

namespace cufit::collect {
namespace {

/// Calls f(value) for every "Key: value" line before the description.
template <class F>
void each_field(std::string_view metadata, std::string_view key, F f) {
  while (!metadata.empty()) {
    auto end = metadata.find('\n');
    auto line = metadata.substr(0, end);
    metadata = end == metadata.npos ? std::string_view() : metadata.substr(end + 1);
    if (line.empty() || line == "\r") break;  // the description follows
    if (!line.starts_with(key)) continue;
    line.remove_prefix(key.size());
    auto first = line.find_first_not_of(" \t"), last = line.find_last_not_of(" \t\r");
    if (!f(first == line.npos ? std::string_view() : line.substr(first, last - first + 1))) break;
  }
}

/// "manylinux_2_28_x86_64" -> {2, 28}; musllinux and plain linux tags say no glibc.
std::optional<std::pair<unsigned, unsigned>> glibc_of_tag(std::string_view tag) {
  if (tag.starts_with("manylinux1_")) return {{2, 5}};
  if (tag.starts_with("manylinux2010_")) return {{2, 12}};
  if (tag.starts_with("manylinux2014_")) return {{2, 17}};
  if (!tag.starts_with("manylinux_")) return std::nullopt;
  auto parts = split(tag, '_');
  if (parts.size() < 4) return std::nullopt;
  return {{take_number<unsigned>(parts[1]).value_or(0), take_number<unsigned>(parts[2]).value_or(0)}};
}

/// "manylinux_2_28_x86_64" -> "linux_x86_64", "win_amd64" -> "windows_amd64"; empty for "any".
std::string platform_of_tag(std::string_view tag) {
  auto machine = machine_of(tag);
  if (tag.starts_with("win")) return "windows_" + (machine.empty() ? std::string("x86") : machine);
  if (machine.empty()) return {};
  return (tag.starts_with("macosx") ? "macos_" : "linux_") + machine;
}

void add_unique(std::vector<std::string>& to, std::string s) {
  if (!s.empty() && std::ranges::find(to, s) == to.end()) to.push_back(std::move(s));
}

/// Python and platform tags, as they come together.
struct Tags {
  std::vector<std::string> pythons, platforms;
  std::optional<std::pair<unsigned, unsigned>> glibc;

  /// The stable ABI serves later interpreters too ("cp38-abi3"), one of free threading only those ("cp313t").
  void add(std::string_view python_tag, std::string_view abi_tag, std::string_view platform_tag) {
    bool stable = abi_tag.find("abi3") != abi_tag.npos;
    bool free_threading = abi_tag.starts_with("cp") && abi_tag.ends_with('t');
    if (free_threading) python_tag = abi_tag;
    for (auto p : split(python_tag, '.'))
      add_unique(pythons, std::string(p) + (stable && p.starts_with("cp") ? "-abi3" : ""));
    for (auto tag : split(platform_tag, '.')) {
      add_unique(platforms, platform_of_tag(tag));
      if (auto g = glibc_of_tag(tag); g && (!glibc || *g < *glibc)) glibc = g;
    }
  }

  Requires result() const {
    Requires r;
    if (!pythons.empty()) r.python = joined(pythons);
    if (glibc) r.glibc = ">=" + std::to_string(glibc->first) + '.' + std::to_string(glibc->second);
    r.platforms = platforms;
    return r;
  }
};

/// One field of a CSV line; `rest` then begins with what ends the field.
std::string_view take_csv_field(std::string_view& rest, std::string& unquoted) {
  if (!rest.starts_with('"')) {
    auto value = rest.substr(0, rest.find('\n'));  // two searches for one byte are faster than one for two
    value = value.substr(0, value.find(','));
    rest.remove_prefix(value.size());
    return value;
  }
  unquoted.clear();
  size_t i = 1;
  for (; i < rest.size(); i++) {
    if (rest[i] == '"') {
      if (i + 1 >= rest.size() || rest[i + 1] != '"') break;
      i++;
    }
    unquoted += rest[i];
  }
  rest.remove_prefix(std::min(i + 1, rest.size()));
  rest.remove_prefix(std::min(rest.find_first_of(",\n"), rest.size()));  // stray bytes behind the quote
  return unquoted;
}

}  // namespace

std::string field(std::string_view metadata, std::string_view key) {
  std::string value;
  each_field(metadata, key, [&](std::string_view v) {
    value = v;
    return false;
  });
  return value;
}

std::vector<Dependency> dependencies(std::string_view metadata, const MarkerPlace& place) {
  constexpr size_t kMax = 10'000;
  std::vector<Dependency> out;
  each_field(metadata, "Requires-Dist:", [&](std::string_view line) {
    auto r = Requirement::parse(line);
    if (r && (r->marker.empty() || marker_holds(r->marker, place) != false))
      out.push_back({r->name, r->specifier.text()});
    return out.size() < kMax;
  });
  std::ranges::sort(out, {}, [](const Dependency& d) { return std::tie(d.name, d.specifier); });
  auto [first, last] = std::ranges::unique(out);
  out.erase(first, last);
  return out;
}

std::string with_local_version(const std::string& version, std::string_view version_py) {
  if (version.empty() || version.find('+') != version.npos) return version;
  auto at = version_py.find(version + '+');
  if (at == version_py.npos) return version;
  auto rest = version_py.substr(at);
  return std::string(rest.substr(0, rest.find_first_of("'\"\n ")));
}

std::optional<WheelName> parse_wheel_name(std::string_view file_name) {
  if (!file_name.ends_with(".whl")) return std::nullopt;
  auto parts = split(file_name.substr(0, file_name.size() - 4), '-');
  if (parts.size() != 5 && parts.size() != 6) return std::nullopt;
  return WheelName{std::string(parts[0]), std::string(parts[1]), std::string(parts[parts.size() - 3]),
                   std::string(parts[parts.size() - 2]), std::string(parts.back())};
}

Requires requires_of(std::string_view python_tag, std::string_view abi_tag, std::string_view platform_tag) {
  Tags tags;
  tags.add(python_tag, abi_tag, platform_tag);
  return tags.result();
}

Requires requires_of_wheel_file(std::string_view wheel) {
  Tags tags;
  each_field(wheel, "Tag:", [&](std::string_view tag) {
    auto parts = split(tag, '-');
    if (parts.size() == 3) tags.add(parts[0], parts[1], parts[2]);
    return tags.pythons.size() < 100;
  });
  return tags.result();
}

std::string machine_of(std::string_view platform) {
  static constexpr std::array<std::string_view, 8> machines = {"x86_64",  "amd64",   "aarch64", "arm64",
                                                               "ppc64le", "riscv64", "i686",    "armv7l"};
  for (auto m : machines)
    if (platform.ends_with(m)) return std::string(m);
  return {};
}

bool take_record_line(std::string_view& record, RecordLine& line) {
  if (record.empty()) return false;
  std::string unquoted;
  line.path = take_csv_field(record, unquoted);
  line.sha256 = {};
  line.size.reset();
  for (int column = 1; record.starts_with(','); column++) {
    record.remove_prefix(1);
    auto value = take_csv_field(record, unquoted);
    if (column == 1 && value.starts_with("sha256=") && value.data() != unquoted.data())
      line.sha256 = value.substr(7);
    if (column == 2) line.size = take_number<uint64_t>(value);
  }
  record.remove_prefix(std::min<size_t>(1, record.size()));
  if (line.path.ends_with('\r')) line.path.pop_back();
  return true;
}

}  // namespace cufit::collect
