// Writes ld.so.cache in its three layouts, for tests and fuzz seeds.
#pragma once

#include <string>
#include <vector>

#include "formats/zip_writer.h"

namespace cufit::test {

struct CacheLine {
  std::string soname, path;
  uint32_t flags = 0x303;
  uint64_t hwcap = 0;
  std::string level = {};  ///< folder of glibc-hwcaps; then `hwcap` is made to name it
};

struct CacheSpec {
  std::vector<CacheLine> lines = {};
  std::vector<std::string> levels = {};  ///< sorted, as ldconfig does
  uint8_t order = 2;                     ///< byte order mark
};

namespace detail {

inline void pad(std::string& s, size_t unit) { s.resize((s.size() + unit - 1) / unit * unit, '\0'); }

}  // namespace detail

/// "glibc-ld.so.cache1.1". `before`: bytes of the file in front of it.
inline std::string new_cache(const CacheSpec& spec, size_t before = 0) {
  std::string s = "glibc-ld.so.cache1.1", names;
  size_t table = 48 + 24 * spec.lines.size();
  auto name = [&](const std::string& text) {
    size_t at = table + names.size();
    names += text + '\0';
    return uint32_t(at);
  };
  std::vector<uint32_t> levels;
  for (auto& level : spec.levels) levels.push_back(name(level));
  std::string entries;
  for (auto& l : spec.lines) {
    uint64_t hwcap = l.hwcap;
    if (!l.level.empty())
      for (size_t i = 0; i < spec.levels.size(); i++)
        if (spec.levels[i] == l.level) hwcap = uint64_t{1} << 62 | i;
    append<uint32_t>(entries, l.flags);
    append<uint32_t>(entries, name(l.soname));
    append<uint32_t>(entries, name(l.path));
    append<uint32_t>(entries, 0);
    append<uint64_t>(entries, hwcap);
  }
  append<uint32_t>(s, uint32_t(spec.lines.size()));
  append<uint32_t>(s, uint32_t(names.size()));
  append<uint32_t>(s, spec.order);
  s.resize(48, '\0');
  s += entries + names;
  if (levels.empty()) return s;
  detail::pad(s, 4);
  patch<uint32_t>(s, 32, uint32_t(before + s.size()));
  size_t data = before + s.size() + 8 + 16;
  append<uint32_t>(s, 0xeaa42174);
  append<uint32_t>(s, 1);
  append<uint32_t>(s, 1);
  append<uint32_t>(s, 0);
  append<uint32_t>(s, uint32_t(data));
  append<uint32_t>(s, uint32_t(4 * levels.size()));
  for (auto level : levels) append<uint32_t>(s, level);
  return s;
}

/// "ld.so-1.7.0"; `align` with the newer layout behind it, at a multiple of that.
inline std::string old_cache(const CacheSpec& spec, size_t align = 0) {
  std::string s = std::string("ld.so-1.7.0") + '\0', names, entries;
  append<uint32_t>(s, uint32_t(spec.lines.size()));
  size_t table = 16 + 12 * spec.lines.size(), start = align ? (table + align - 1) / align * align : table;
  std::string behind = align ? new_cache(spec, start) : "";
  for (auto& l : spec.lines) {
    append<uint32_t>(entries, l.flags);
    for (auto& text : {l.soname, l.path}) {
      append<uint32_t>(entries, uint32_t(start - table + behind.size() + names.size()));
      names += text + '\0';
    }
  }
  s += entries;
  s.resize(start, '\0');
  return s + behind + names;
}

}  // namespace cufit::test
