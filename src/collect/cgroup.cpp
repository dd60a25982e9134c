#include "collect/cgroup.h"

#include <algorithm>
#include <functional>
#include <vector>

#include "base/number.h"
#include "base/text.h"

namespace cufit::collect {
namespace {

constexpr ptrdiff_t kMaxDepth = 128;  // Kubernetes has some ten

/// Where a controller is found: the folders from that of the process up to the mount point.
struct Way {
  bool v2 = false;
  std::vector<std::string> folders;
};

bool holds(const CgroupLine& line, std::string_view controller) {
  return std::ranges::find(line.controllers, controller) != line.controllers.end();
}

/// The folder of a cgroup and all above it in the mount.
std::vector<std::string> way_up(std::string folder, const std::string& point) {
  std::vector<std::string> folders{folder};
  while (folder.size() > point.size()) {
    folder.resize(folder.rfind('/'));
    folders.push_back(folder);
  }
  return folders;
}

Fact<Way> find_way(const Root& root, const std::vector<Mount>& mounts, const std::vector<CgroupLine>& own,
                   std::string_view controller, const std::string& source) {
  std::optional<Fact<Way>> hidden;
  // v1 first: a controller is in one hierarchy only, and where it is one of v1 that mount shows it.
  for (bool v2 : {false, true}) {
    auto line = std::ranges::find_if(
        own, [&](const CgroupLine& l) { return v2 ? l.controllers.empty() : holds(l, controller); });
    if (line == own.end()) continue;
    for (auto& mount : mounts) {
      if (v2 ? mount.type != "cgroup2" : mount.type != "cgroup" || !option(mount.super, controller)) continue;
      auto folder = cgroup_folder(mount, line->path);
      // A cgroup that holds a process is there: a folder that is not means that the mount shows other ones.
      if (folder && *folder != mount.point && !root.has(*folder)) folder.reset();
      if (folder && std::ranges::count(*folder, '/') <= kMaxDepth)
        return {{v2, way_up(*folder, mount.point)}, at_path(*folder)};
      hidden = unreadable<Way>("cgroup namespace", mount.point);
    }
  }
  return hidden ? *hidden : absent<Way>(source);
}

/// The smallest limit of all folders. Where one of them cannot be read the smallest is not known.
template <class T>
Fact<T> smallest(const Way& way, const std::function<Fact<Limit<T>>(const std::string& folder)>& limit_of) {
  Fact<T> least;
  for (auto& folder : way.folders) {
    auto limit = limit_of(folder);
    if (std::holds_alternative<Unreadable>(limit.is)) return no_value<T>(limit);
    if (limit && limit->limited && (!least || limit->value < *least)) least = {limit->value, limit.from};
    if (!least && least.from.where.empty()) least.from = limit.from;
  }
  return least;
}

/// v1 states quota and period in two files; -1: no quota.
Fact<Limit<double>> cpu_quota_v1(const Root& root, const std::string& folder) {
  auto value = [&](const char* name) {
    return parsed<int64_t>(root.text(folder + name),
                           [](std::string_view t) { return whole_number<int64_t>(trimmed(t)); });
  };
  auto quota = value("/cpu.cfs_quota_us");
  if (!quota) return no_value<Limit<double>>(quota);
  if (*quota < 0) return {Limit<double>{}, quota.from};
  auto period = value("/cpu.cfs_period_us");
  if (!period) return no_value<Limit<double>>(period);
  if (*quota == 0 || *period <= 0) return unreadable<Limit<double>>(kNotUnderstood, quota.from.where);
  return {Limit<double>{true, double(*quota) / double(*period)}, quota.from};
}

Fact<double> cpus(const Root& root, const Fact<Way>& way) {
  if (!way) return no_value<double>(way);
  return smallest<double>(*way, [&](const std::string& folder) {
    return way->v2 ? parsed<Limit<double>>(root.text(folder + "/cpu.max"), parse_cpu_max)
                   : cpu_quota_v1(root, folder);
  });
}

Fact<uint64_t> memory(const Root& root, const Fact<Way>& way) {
  if (!way) return no_value<uint64_t>(way);
  auto* name = way->v2 ? "/memory.max" : "/memory.limit_in_bytes";
  return smallest<uint64_t>(*way, [&](const std::string& folder) {
    return parsed<Limit<uint64_t>>(root.text(folder + name), parse_memory_limit);
  });
}

Fact<uint64_t> oom_kills(const Root& root, const Fact<Way>& way) {
  if (!way) return no_value<uint64_t>(way);
  auto file = way->folders.front() + (way->v2 ? "/memory.events" : "/memory.oom_control");
  auto text = root.text(file);
  if (!text) return no_value<uint64_t>(text);
  // Kernels before 4.13 do not count them.
  auto kills = parse_oom_kills(*text);
  return kills ? Fact<uint64_t>(*kills, at_path(file)) : absent<uint64_t>(file);
}

Fact<std::string> version(const std::vector<Mount>& mounts, const std::string& source) {
  auto mounted = [&](std::string_view type) {
    return std::ranges::find(mounts, type, &Mount::type) != mounts.end();
  };
  bool v1 = mounted("cgroup"), v2 = mounted("cgroup2");
  if (!v1 && !v2) return absent<std::string>(source);
  return {v1 && v2 ? "hybrid" : v1 ? "v1" : "v2", at_path(source)};
}

}  // namespace

std::optional<std::string> cgroup_folder(const Mount& mount, std::string_view path) {
  auto outside = [](std::string_view p) { return p == "/.." || p.starts_with("/../"); };
  if (!path.starts_with('/') || outside(path) || outside(mount.root)) return std::nullopt;
  auto point = mount.point == "/" ? std::string() : mount.point;
  auto below = [&](std::string_view rest) {
    while (rest.ends_with('/')) rest.remove_suffix(1);
    return point + std::string(rest);
  };
  if (mount.root == "/") return below(path);
  if (path == mount.root) return point;
  if (path.starts_with(mount.root) && path.substr(mount.root.size()).starts_with('/'))
    return below(path.substr(mount.root.size()));
  return std::nullopt;
}

std::optional<Limit<double>> parse_cpu_max(std::string_view text) {
  auto fields = split(trimmed(text), ' ');
  if (fields.size() != 2) return std::nullopt;
  auto period = whole_number<int64_t>(fields[1]);
  if (!period || *period <= 0) return std::nullopt;
  if (fields[0] == "max") return Limit<double>{};
  auto quota = whole_number<int64_t>(fields[0]);
  if (!quota || *quota <= 0) return std::nullopt;
  return Limit<double>{true, double(*quota) / double(*period)};
}

std::optional<Limit<uint64_t>> parse_memory_limit(std::string_view text) {
  text = trimmed(text);
  if (text == "max") return Limit<uint64_t>{};
  auto bytes = whole_number<int64_t>(text);
  if (!bytes || *bytes < 0) return std::nullopt;
  // "No limit" of v1 is the largest number of whole pages, and pages have up to 64 KiB.
  constexpr int64_t kNone = INT64_MAX - (64 << 10);
  return *bytes >= kNone ? Limit<uint64_t>{} : Limit<uint64_t>{true, uint64_t(*bytes)};
}

std::optional<uint64_t> parse_oom_kills(std::string_view text) {
  constexpr std::string_view kName = "oom_kill ";
  for (auto line : split(text, '\n'))
    if (line.starts_with(kName))
      if (auto n = whole_number<int64_t>(trimmed(line.substr(kName.size()))); n && *n >= 0)
        return uint64_t(*n);
  return std::nullopt;
}

CgroupLimits observe_cgroups(const Root& root, const Fact<std::string>& mountinfo,
                             const Fact<std::string>& own) {
  CgroupLimits out;
  if (!mountinfo || !own) {
    auto& why = mountinfo ? own : mountinfo;
    out.version = no_value<std::string>(why);
    out.cpus = no_value<double>(why);
    out.memory = no_value<uint64_t>(why);
    out.oom_kills = no_value<uint64_t>(why);
    return out;
  }
  auto mounts = parse_mounts(*mountinfo);
  auto lines = parse_cgroups(*own);
  out.version = version(mounts, mountinfo.from.where);
  out.cpus = cpus(root, find_way(root, mounts, lines, "cpu", own.from.where));
  auto memory_way = find_way(root, mounts, lines, "memory", own.from.where);
  out.memory = memory(root, memory_way);
  out.oom_kills = oom_kills(root, memory_way);
  return out;
}

}  // namespace cufit::collect
