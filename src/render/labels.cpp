#include "render/labels.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "base/text.h"
#include "model/json_names.h"
#include "model/variables.h"

namespace cufit::render {

std::string label(const Subject& s) {
  auto& name = s.name.empty() ? s.path : s.name;
  return s.version.empty() ? name : name + ' ' + s.version;
}

std::string label(const Gpu& gpu) {
  auto sm = gpu.sm ? gpu.sm->name() : std::string();
  if (!gpu.name) return sm.empty() ? gpu.id : sm;
  if (sm.empty() || Sm::parse(*gpu.name)) return sm.empty() ? *gpu.name : sm;
  return *gpu.name + " (" + sm + ')';
}

std::string_view kind_label(Image::Kind kind) {
  switch (kind) {
    case Image::Kind::sass:
      return "SASS";
    case Image::Kind::ptx:
      return "PTX";
    case Image::Kind::lto:
      return "LTO";
    case Image::Kind::other:
      break;
  }
  return "?";
}

std::string target_label(const Image& i) {
  switch (i.kind) {
    case Image::Kind::ptx:
      return "compute_" + i.target.bare();
    case Image::Kind::lto:
      return "lto_" + i.target.bare();
    case Image::Kind::sass:
    case Image::Kind::other:
      break;
  }
  return i.target.name();
}

std::string label(const Image& i) {
  std::string out = std::string(kind_label(i.kind)) + ' ' + target_label(i);
  if (i.kind == Image::Kind::ptx && i.isa != Isa{}) out += " ISA " + i.isa_text();
  return out;
}

std::string size_label(uint64_t bytes) {
  if (bytes < 1000) return std::to_string(bytes) + " bytes";
  constexpr std::array units = {"kB", "MB", "GB", "TB", "PB", "EB"};
  auto value = double(bytes) / 1000;
  size_t unit = 0;
  for (; value >= 999.5 && unit + 1 < units.size(); unit++) value /= 1000;
  std::array<char, 32> text;
  std::snprintf(text.data(), text.size(),
                value < 9.995   ? "%.2f %s"
                : value < 99.95 ? "%.1f %s"
                                : "%.0f %s",
                value, units[unit]);
  return text.data();
}

std::string hex(uint64_t n) {
  std::array<char, 20> text;
  std::snprintf(text.data(), text.size(), "0x%llx", static_cast<unsigned long long>(n));
  return text.data();
}

std::string label(const Source& source) { return std::string(name_of(source.kind)) + ':' + source.where; }

std::string host_words(const Machine& m, std::string_view between) {
  std::string out;
  auto add = [&](std::string_view word) { out.append(between).append(word); };
  if (m.platform == Machine::Platform::windows) add("windows");
  if (m.wsl) add("WSL");
  if (m.arch && *m.arch != "x86_64") add(*m.arch);
  if (m.glibc) add("glibc " + m.glibc->text());
  if (m.python) add(*m.python);
  if (m.driver.compat) add(*m.driver.compat);
  for (auto& [name, value] : m.env)
    if (use_of_variable(name) == VariableUse::judged) add(name + '=' + value);
  return out;
}

std::vector<std::string> counted(const std::vector<std::string>& list) {
  std::vector<std::pair<std::string, size_t>> found;
  for (auto& name : list) {
    auto same = std::ranges::find(found, name, &std::pair<std::string, size_t>::first);
    if (same == found.end())
      found.emplace_back(name, 1);
    else
      same->second++;
  }
  std::vector<std::string> out;
  for (auto& [name, n] : found) out.push_back(n == 1 ? name : std::to_string(n) + " x " + name);
  return out;
}

std::string memory_label(uint64_t bytes) {
  constexpr double kMi = 1 << 20, kGi = 1 << 30;
  char text[32];
  if (double(bytes) < kGi)
    std::snprintf(text, sizeof text, "%.0f MiB", double(bytes) / kMi);
  else
    std::snprintf(text, sizeof text, "%.3g GiB", double(bytes) / kGi);
  return text;
}

}  // namespace cufit::render
