#include "collect/fabric_manager.h"

#include <algorithm>
#include <string>

#include "base/number.h"
#include "base/text.h"
#include "base/version.h"

namespace cufit::collect {
namespace {

// The kernel keeps 15 bytes of "nv-fabricmanager".
constexpr std::string_view kComm = "nv-fabricmanage";
constexpr const char* kPidFile = "/run/nvidia-fabricmanager/nv-fabricmanager.pid";
constexpr const char* kLog = "/var/log/fabricmanager.log";
constexpr size_t kLogLimit = 16 << 20, kMaxProcesses = 64 << 10;

enum class Process : uint8_t { other, is_it, hidden };

Process look_at(const Root& root, std::string_view pid) {
  auto name = root.text("/proc/" + std::string(pid) + "/comm");
  if (name) return trimmed(*name) == kComm ? Process::is_it : Process::other;
  auto* why = std::get_if<Unreadable>(&name.is);
  // Absent, ESRCH: it has ended since.
  return why && why->why != "ESRCH" ? Process::hidden : Process::other;
}

Fact<bool> runs(const Root& root, bool in_container) {
  if (auto file = root.text(kPidFile))
    if (auto pid = trimmed(*file); all_digits(pid) && look_at(root, pid) == Process::is_it)
      return {true, file.from};
  auto processes = root.names("/proc", kMaxProcesses);
  if (!processes) return no_value<bool>(processes);
  bool hidden = in_container || std::ranges::find(*processes, "1") == processes->end();
  for (auto& pid : *processes) {
    if (!all_digits(pid)) continue;
    auto process = look_at(root, pid);
    if (process == Process::is_it) return {true, at_path("/proc/" + pid + "/comm")};
    hidden |= process == Process::hidden;
  }
  return hidden ? unreadable<bool>("hidden", "/proc") : Fact<bool>(false, at_path("/proc"));
}

}  // namespace

std::optional<Version> fabric_manager_version(std::string_view log) {
  constexpr std::string_view kName = "Fabric Manager version is";
  auto at = log.rfind(kName);
  if (at == log.npos) return std::nullopt;
  auto rest = trimmed(log.substr(at + kName.size()), " \t:");
  return Version::parse(digits_and_dots(rest));
}

FabricManager observe_fabric_manager(const Root& root, bool in_container) {
  FabricManager out;
  out.runs = runs(root, in_container);
  auto log = root.text(kLog, kLogLimit);
  auto version = log ? fabric_manager_version(*log) : std::nullopt;
  out.version = version ? Fact<Version>(*version, log.from) : no_value<Version>(log);
  if (log && !version) out.version = absent<Version>(kLog);
  return out;
}

}  // namespace cufit::collect
