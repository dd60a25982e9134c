#include "loader/cpu.h"

#include <algorithm>
#include <array>
#include <span>

#include "base/text.h"

namespace cufit {
namespace {

/// A feature as /proc/cpuinfo and as glibc's tunables call it.
struct Feature {
  std::string_view flag, tunable;
};

constexpr Feature kBase[] = {{"cmov", "CMOV"}, {"cx8", "CX8"}, {"fpu", "FPU"},  {"fxsr", "FXSR"},
                             {"mmx", "MMX"},   {"sse", "SSE"}, {"sse2", "SSE2"}};
constexpr Feature kV2[] = {{"cx16", "CMPXCHG16B"}, {"lahf_lm", "LAHF64_SAHF64"}, {"popcnt", "POPCNT"},
                           {"pni", "SSE3"},        {"ssse3", "SSSE3"},           {"sse4_1", "SSE4_1"},
                           {"sse4_2", "SSE4_2"}};
constexpr Feature kV3[] = {{"avx", "AVX"},   {"avx2", "AVX2"}, {"bmi1", "BMI1"}, {"bmi2", "BMI2"},
                           {"f16c", "F16C"}, {"fma", "FMA"},   {"abm", "LZCNT"}, {"movbe", "MOVBE"}};
constexpr Feature kV4[] = {{"avx512f", "AVX512F"},
                           {"avx512bw", "AVX512BW"},
                           {"avx512cd", "AVX512CD"},
                           {"avx512dq", "AVX512DQ"},
                           {"avx512vl", "AVX512VL"}};

struct Level {
  std::string_view name;
  std::span<const Feature> features;
};
constexpr std::array<Level, 4> kLevels = {
    {{"", kBase}, {"x86-64-v2", kV2}, {"x86-64-v3", kV3}, {"x86-64-v4", kV4}}};

/// The value of the first line "key : value".
std::string_view value(std::string_view cpuinfo, std::string_view key) {
  for (auto line : split(cpuinfo, '\n')) {
    auto colon = line.find(':');
    if (colon != line.npos && trimmed(line.substr(0, colon)) == key) return trimmed(line.substr(colon + 1));
  }
  return {};
}

}  // namespace

Cpu cpu_of(std::string_view cpuinfo) {
  Cpu cpu;
  auto flags = split(value(cpuinfo, "flags"), ' ');
  auto has = [&](std::string_view flag) { return std::ranges::find(flags, flag) != flags.end(); };
  if (!has("fpu")) {
    if (!value(cpuinfo, "CPU implementer").empty()) cpu.platform = "aarch64";
    return cpu;
  }
  for (const auto& level : kLevels) {
    if (!std::ranges::all_of(level.features, [&](const Feature& f) { return has(f.flag); })) break;
    if (!level.name.empty()) cpu.levels.insert(cpu.levels.begin(), std::string(level.name));
  }
  cpu.platform = "x86_64";
  if (value(cpuinfo, "vendor_id") != "GenuineIntel") return cpu;
  bool phi = has("avx512cd") && has("avx512er") && has("avx512pf");
  cpu.avx512_1 = has("avx512cd") && !has("avx512er") && has("avx512bw") && has("avx512dq") && has("avx512vl");
  if (phi)
    cpu.platform = "xeon_phi";
  else if (has("avx2") && has("bmi1") && has("bmi2") && has("abm") && has("movbe") && has("popcnt"))
    cpu.platform = "haswell";
  return cpu;
}

std::vector<std::string> levels_left(const std::vector<std::string>& levels, std::string_view tunables) {
  std::vector<std::string_view> off;
  for (auto tunable : split(tunables, ':')) {
    constexpr std::string_view kHwcaps = "glibc.cpu.hwcaps=";
    if (!tunable.starts_with(kHwcaps)) continue;
    for (auto feature : split(tunable.substr(kHwcaps.size()), ',')) {
      if (!feature.starts_with('-')) continue;
      feature.remove_prefix(1);
      constexpr std::string_view kUsable = "_Usable";  // as they were called up to glibc 2.32
      if (feature.ends_with(kUsable)) feature.remove_suffix(kUsable.size());
      off.push_back(feature);
    }
  }
  std::vector<std::string> left;
  bool lost = false;
  for (const auto& level : kLevels) {
    for (const auto& f : level.features) lost |= std::ranges::find(off, f.tunable) != off.end();
    if (!lost && std::ranges::find(levels, level.name) != levels.end())
      left.emplace(left.begin(), level.name);
  }
  return left;
}

}  // namespace cufit
