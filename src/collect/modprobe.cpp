#include "collect/modprobe.h"

#include <algorithm>
#include <map>
#include <vector>

#include "base/text.h"

namespace cufit::collect {
namespace {

std::string same_name(std::string_view module) {
  std::string name(module);
  std::ranges::replace(name, '-', '_');
  return name;
}

std::vector<std::string_view> words(std::string_view line) {
  std::vector<std::string_view> out;
  while (!(line = trimmed(line)).empty()) {
    auto end = std::min(line.find_first_of(" \t"), line.size());
    out.push_back(line.substr(0, end));
    line.remove_prefix(end);
  }
  return out;
}

/// Files that count, by name: one in an earlier folder takes the place of those of its name in later ones.
std::map<std::string, std::string> configurations(const Root& root) {
  std::map<std::string, std::string> files;
  for (std::string folder : {"/etc/modprobe.d", "/run/modprobe.d", "/usr/local/lib/modprobe.d",
                             "/usr/lib/modprobe.d", "/lib/modprobe.d"})
    if (auto names = root.names(folder))
      for (auto& name : *names)
        if (name.ends_with(".conf")) files.emplace(name, folder + '/' + name);
  return files;
}

Fact<std::string> found(const std::string& path) { return {path, at_path(path)}; }

}  // namespace

bool keeps_away(std::string_view configuration, std::string_view module) {
  for (auto line : split(configuration, '\n')) {
    auto w = words(line);
    if (w.size() < 2 || same_name(w[1]) != module) continue;
    if (w[0] == "blacklist") return true;
    if (w.size() < 3) continue;
    if (w[0] == "alias" && w[2] == "off") return true;
    auto program = base_name(w[2]);
    if (w[0] == "install" && (program == "false" || program == "true" || program == ":")) return true;
  }
  return false;
}

bool command_line_keeps_away(std::string_view line, std::string_view module) {
  for (auto word : words(line))
    for (std::string_view name : {"modprobe.blacklist=", "module_blacklist=", "rd.driver.blacklist="})
      if (word.starts_with(name))
        for (auto m : split(trimmed(word.substr(name.size()), "\""), ','))
          if (same_name(m) == module) return true;
  return false;
}

Blacklists observe_blacklists(const Root& root) {
  Blacklists out;
  out.nvidia = absent<std::string>("/etc/modprobe.d");
  out.nouveau = out.nvidia;
  if (auto line = root.text("/proc/cmdline")) {
    if (command_line_keeps_away(trimmed(*line), "nvidia")) out.nvidia = found(line.from.where);
    if (command_line_keeps_away(trimmed(*line), "nouveau")) out.nouveau = found(line.from.where);
  }
  for (auto& [name, path] : configurations(root)) {
    auto text = root.text(path);
    if (!text) continue;
    if (!out.nvidia && keeps_away(*text, "nvidia")) out.nvidia = found(path);
    if (!out.nouveau && keeps_away(*text, "nouveau")) out.nouveau = found(path);
  }
  return out;
}

}  // namespace cufit::collect
