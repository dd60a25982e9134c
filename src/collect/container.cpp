#include "collect/container.h"

#include <array>
#include <optional>

#include "base/text.h"

namespace cufit::collect {
namespace {

struct Mark {
  const char* path;
  const char* kind;
};

/// Files that runtimes put into every container, in the order in which kinds go.
constexpr std::array<Mark, 5> kMarks = {{{"/.singularity.d", "apptainer"},
                                         {"/var/run/secrets/kubernetes.io/serviceaccount", "kubernetes"},
                                         {"/run/.containerenv", "podman"},
                                         {"/.dockerenv", "docker"},
                                         {"/dev/lxd/sock", "lxc"}}};

constexpr std::array<Mark, 3> kVariables = {{{"APPTAINER_CONTAINER", "apptainer"},
                                             {"SINGULARITY_CONTAINER", "apptainer"},
                                             {"KUBERNETES_SERVICE_HOST", "kubernetes"}}};

/// The value of a variable in the text of /proc/PID/environ, whose entries end with zero bytes.
std::optional<std::string_view> variable(std::string_view environ, std::string_view name) {
  for (auto entry : split(environ, '\0'))
    if (entry.starts_with(name) && entry.substr(name.size()).starts_with('='))
      return entry.substr(name.size() + 1);
  return std::nullopt;
}

/// What whoever started process 1 called it. Its variables are shown to its own user only; systemd writes the
/// name down for all.
Fact<std::string> named(const Root& root) {
  const std::string init = "/proc/1/environ", systemd = "/run/systemd/container";
  if (auto environ = root.text(init))
    if (auto name = variable(*environ, "container"); name && !name->empty())
      return {std::string(*name), environ.from};
  if (auto name = root.text(systemd); name && !trimmed(*name).empty())
    return {std::string(trimmed(*name)), name.from};
  return absent<std::string>(init);
}

}  // namespace

bool is_gvisor(std::string_view proc_version) {
  return proc_version.find("-gvisor") != proc_version.npos ||
         (proc_version.find("#1 SMP Sun Jan 10 15:06:54 PST 2016") != proc_version.npos &&
          proc_version.find('(') == proc_version.npos);
}

std::string container_of_cgroup(std::string_view path) {
  auto holds = [&](std::string_view part) { return path.find(part) != path.npos; };
  if (holds("/kubepods")) return "kubernetes";
  if (holds("/libpod-") || holds("/libpod_parent")) return "podman";
  if (holds("/docker/") || holds("/docker-")) return "docker";
  if (holds("/lxc/") || holds("/lxc.payload") || holds("/lxc.monitor")) return "lxc";
  return {};
}

std::string container_of_name(std::string_view name) {
  if (name == "docker" || name == "podman") return std::string(name);
  if (name == "lxc" || name.starts_with("lxc-")) return "lxc";
  return "other";
}

Fact<std::string> observe_container(const Root& root, const Variables& env,
                                    const std::vector<CgroupLine>& cgroups) {
  if (auto version = root.text("/proc/version"); version && is_gvisor(*version))
    return {"gvisor", version.from};
  for (auto& v : kVariables)
    if (env.contains(v.path)) return {v.kind, {Source::Kind::arg, std::string("env:") + v.path}};
  for (auto& m : kMarks)
    if (root.has(m.path)) return {m.kind, at_path(m.path)};
  for (auto& line : cgroups)
    if (auto kind = container_of_cgroup(line.path); !kind.empty())
      return {kind, at_path("/proc/self/cgroup")};
  auto name = named(root);
  return name ? Fact<std::string>(container_of_name(*name), name.from) : no_value<std::string>(name);
}

}  // namespace cufit::collect
