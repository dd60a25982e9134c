// Which kind of container this is, if it is one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "collect/mounts.h"
#include "collect/root.h"
#include "model/variables.h"

namespace cufit::collect {

/// "gvisor", "apptainer", "kubernetes", "podman", "docker", "lxc" or "other"; absent: no container. What says
/// most of how GPUs come in goes first: a pod whose containers containerd makes is "kubernetes", and
/// "gvisor" is the kernel below any of them.
/// Kinds leave marks of their own: files of the runtime, variables, the paths of cgroups, the variable
/// `container` of process 1 (https://systemd.io/CONTAINER_INTERFACE).
Fact<std::string> observe_container(const Root& root, const Variables& env,
                                    const std::vector<CgroupLine>& cgroups);

/// True for the text of /proc/version as gVisor gives it: one build date in all its releases, and no builder
/// and compiler, which Linux always states (gVisor: pkg/sentry/syscalls/linux, pkg/sentry/fsimpl/proc).
bool is_gvisor(std::string_view proc_version);

/// The kind that a path of /proc/PID/cgroup tells: "/kubepods/besteffort/pod.../...", "/docker/ID",
/// "/system.slice/docker-ID.scope", "/machine.slice/libpod-ID.scope", "/lxc.payload.NAME". Empty: none.
std::string container_of_cgroup(std::string_view path);

/// The kind that systemd's name for it means: "docker", "podman", "lxc", "lxc-libvirt", ... else "other".
std::string container_of_name(std::string_view name);

}  // namespace cufit::collect
