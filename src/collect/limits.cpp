#include "collect/limits.h"

#include <sys/statvfs.h>

#include <cerrno>
#include <string>

#include "base/number.h"
#include "base/text.h"
#include "collect/cgroup.h"
#include "collect/mounts.h"

namespace cufit::collect {
namespace {

constexpr size_t kMountsLimit = 4 << 20;  // hosts of many containers have thousands of mounts
constexpr const char* kShm = "/dev/shm";

/// As the mount says, for machines whose file systems cannot be asked. A tmpfs without the option has half of
/// the memory (tmpfs(5)).
Fact<uint64_t> shm_by_mounts(const Root& root, const Fact<std::string>& mountinfo) {
  if (!mountinfo) return no_value<uint64_t>(mountinfo);
  const auto mounts = parse_mounts(*mountinfo);
  const Mount* shm = nullptr;
  for (auto& m : mounts)
    if (m.point == kShm) shm = &m;  // the last one covers the others
  if (!shm) return absent<uint64_t>(mountinfo.from.where);
  if (shm->type != "tmpfs") return unreadable<uint64_t>("is no tmpfs: " + shm->type, mountinfo.from.where);
  auto total = parsed<uint64_t>(root.text("/proc/meminfo"), parse_memory_total);
  auto size = option(shm->super, "size");
  if (!size) return total ? Fact<uint64_t>(*total / 2, total.from) : no_value<uint64_t>(total);
  auto bytes = parse_size(*size, total ? *total : 0);
  return bytes ? Fact<uint64_t>(*bytes, mountinfo.from)
               : unreadable<uint64_t>(kNotUnderstood, mountinfo.from.where);
}

Fact<uint64_t> shm_here() {
  struct statvfs fs;
  if (statvfs(kShm, &fs) == 0) return {uint64_t(fs.f_blocks) * fs.f_frsize, at_path(kShm)};
  return errno == ENOENT ? absent<uint64_t>(kShm) : unreadable<uint64_t>(error_name(errno), kShm);
}

}  // namespace

std::optional<uint64_t> parse_size(std::string_view text, uint64_t memory) {
  auto n = take_number<uint64_t>(text);
  if (!n || text.size() > 1) return std::nullopt;
  if (text == "%") return memory && *n <= 1000 ? std::optional(memory / 100 * *n) : std::nullopt;
  constexpr std::string_view kUnits = "kmgtpe";
  auto unit = text.empty() ? size_t{0} : kUnits.find(char(text[0] | 0x20)) + 1;
  if (!text.empty() && unit == 0) return std::nullopt;
  auto shift = 10 * unit;
  if (*n > UINT64_MAX >> shift) return std::nullopt;
  return *n << shift;
}

std::optional<uint64_t> parse_memory_total(std::string_view text) {
  constexpr std::string_view kName = "MemTotal:";
  for (auto line : split(text, '\n')) {
    if (!line.starts_with(kName)) continue;
    auto rest = trimmed(line.substr(kName.size()));
    auto n = take_number<uint64_t>(rest);
    if (n && trimmed(rest) == "kB" && *n <= UINT64_MAX >> 10) return *n << 10;
  }
  return std::nullopt;
}

Limits observe_limits(const Root& root, const Variables& env) {
  auto mounts = root.text("/proc/self/mountinfo", kMountsLimit);
  auto own = root.text("/proc/self/cgroup");
  auto cgroups = observe_cgroups(root, mounts, own);
  Limits limits;
  limits.container = observe_container(root, env, own ? parse_cgroups(*own) : std::vector<CgroupLine>());
  limits.cgroup = std::move(cgroups.version);
  limits.cpus = std::move(cgroups.cpus);
  limits.memory = std::move(cgroups.memory);
  limits.oom_kills = std::move(cgroups.oom_kills);
  limits.shm = root.this_machine() ? shm_here() : shm_by_mounts(root, mounts);
  return limits;
}

}  // namespace cufit::collect
