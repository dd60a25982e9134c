// What the cgroups of a process allow it: those that it is in and all above them, as far as they can be seen.
//
// A quota counts for everything below it, so the smallest on the way up is what the process has. Inside of a
// cgroup namespace the way ends at its root; what the host limits above that nobody in it can see.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "collect/mounts.h"
#include "collect/root.h"

namespace cufit::collect {

struct CgroupLimits {
  Fact<std::string> version;  ///< "v1", "v2", "hybrid"
  Fact<double> cpus;
  Fact<uint64_t> memory;
  Fact<uint64_t> oom_kills;
};

/// `mounts` and `own`: texts of /proc/self/mountinfo and /proc/self/cgroup.
CgroupLimits observe_cgroups(const Root& root, const Fact<std::string>& mounts, const Fact<std::string>& own);

/// The folder of a cgroup: `path` as /proc/PID/cgroup names it, in a mount of its hierarchy. Nothing if the
/// mount does not hold it, or cgroup namespaces hide how the two lie to each other.
std::optional<std::string> cgroup_folder(const Mount& mount, std::string_view path);

/// A limit that a file states; `limited` false: it states that there is none.
template <class T>
struct Limit {
  bool limited = false;
  T value = {};
};

/// cpu.max of v2: "max 100000", "250000 100000".
std::optional<Limit<double>> parse_cpu_max(std::string_view text);
/// memory.max of v2 ("max", "8589934592") and memory.limit_in_bytes of v1, where a number near 2^63 is none.
std::optional<Limit<uint64_t>> parse_memory_limit(std::string_view text);
/// N of the line "oom_kill N" of memory.events and memory.oom_control.
std::optional<uint64_t> parse_oom_kills(std::string_view text);

}  // namespace cufit::collect
