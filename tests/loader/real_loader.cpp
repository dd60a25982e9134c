#include "loader/real_loader.h"

#include <algorithm>
#include <sstream>

#include "base/text.h"
#include "collect/live_files.h"
#include "model/preload.h"

namespace cufit::test {
namespace {

std::string file_text(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

/// Behind "     1234:\t".
std::string_view without_pid(std::string_view line) {
  auto colon = line.find(":\t");
  return colon == line.npos ? std::string_view() : line.substr(colon + 2);
}

std::string between(std::string_view line, std::string_view from, std::string_view to) {
  auto at = line.find(from);
  if (at == line.npos) return {};
  line.remove_prefix(at + from.size());
  return std::string(line.substr(0, line.find(to)));
}

}  // namespace

std::vector<SeenLoad> seen_loads(const std::string& debug_output) {
  std::vector<SeenLoad> loads;
  SeenLoad now;
  for (auto raw : split(debug_output, '\n')) {
    auto line = trimmed(without_pid(raw));
    if (line.starts_with("file=")) {
      std::string name = between(line, "file=", " [");
      if (line.ends_with("generating link map")) {
        now.name = name;
        loads.push_back(now);
        now = {};
      } else if (auto by = between(line, " by ", " ["); !by.empty()) {
        now = {name, by, {}, {}};
      }
    } else if (line.starts_with("search path=")) {
      auto open = line.rfind('(');
      now.where = std::string(line.substr(open + 1, line.rfind(')') - open - 1));
    } else if (line.starts_with("search cache=")) {
      now.where = "cache";
    } else if (line.starts_with("trying file=")) {
      now.path = line.substr(12);
    }
  }
  return loads;
}

std::vector<Listed> listed(const std::string& trace_output) {
  std::vector<Listed> lines;
  std::string loader = glibc_loader().value_or("");
  for (auto line : split(trace_output, '\n')) {
    if (!line.starts_with('\t') || line.find("linux-vdso.so.1") != line.npos) continue;
    line = trimmed(line);
    line = line.substr(0, line.find(" (0x"));
    auto arrow = line.find(" => ");
    std::string path(arrow == line.npos ? line : line.substr(arrow + 4));
    std::string name(arrow == line.npos ? line : line.substr(0, arrow));
    if (path != loader && path != "statically linked") lines.push_back({name, path});
  }
  return lines;
}

std::vector<std::string> missing_versions(const std::string& trace_output) {
  std::vector<std::string> missing;
  for (auto line : split(trace_output, '\n')) {
    auto at = line.find(": version `");
    if (at == line.npos || line.find("not found (required by ") == line.npos) continue;
    auto head = line.substr(0, at);
    if (auto colon = head.rfind(": "); colon != head.npos) head = head.substr(colon + 2);
    missing.push_back(between(line, "(required by ", ")") + ' ' + std::string(head) + ' ' +
                      between(line, "`", "'"));
  }
  std::ranges::sort(missing);
  return missing;
}

std::optional<std::string> glibc_loader() {
  auto self = collect::LiveFiles().look("/proc/self/exe");
  if (!self || !self->object || !self->object->interpreter.starts_with('/')) return std::nullopt;
  auto path = self->object->interpreter;
  auto version = run({path, "--version"}, {{"LC_ALL", "C"}});
  bool glibc = version.out.find("GLIBC") != std::string::npos || version.out.find("GNU") != std::string::npos;
  return glibc ? std::optional(path) : std::nullopt;
}

LoaderSettings settings_here(const Env& env, const std::string& cwd, const std::string& root) {
  LoaderSettings s;
  s.env = env;
  s.cpu = cpu_of(file_text("/proc/cpuinfo"));
  s.preload_file = preload_entries(file_text(root + "/etc/ld.so.preload"));
  s.cwd = !cwd.empty() ? cwd : !root.empty() ? "/" : fs::current_path().string();
  return s;
}

}  // namespace cufit::test
