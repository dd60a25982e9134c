// /proc/PID/mountinfo and /proc/PID/cgroup as lists (proc_pid_mountinfo(5), cgroups(7)).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cufit::collect {

struct Mount {
  std::string root;     ///< the folder of that file system which is mounted: "/"
  std::string point;    ///< where: "/sys/fs/cgroup"
  std::string options;  ///< of the mount: "rw,nosuid"
  std::string type;     ///< "cgroup2"
  std::string super;    ///< options of the file system: "rw,size=65536k"
  bool operator==(const Mount&) const = default;
};

/// Lines that are none are left out. Later mounts cover earlier ones.
std::vector<Mount> parse_mounts(std::string_view mountinfo);

struct CgroupLine {
  std::vector<std::string> controllers;  ///< v1: "cpu", "cpuacct"; empty: the line of v2
  std::string path;                      ///< from the root of the cgroup namespace; may begin with "/.."
  bool operator==(const CgroupLine&) const = default;
};
std::vector<CgroupLine> parse_cgroups(std::string_view text);

/// The value of "name=value" in options; empty for an option without value. Nothing if it is not there.
std::optional<std::string_view> option(std::string_view options, std::string_view name);

}  // namespace cufit::collect
