#include "collect/nodes.h"

#include <fcntl.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <tuple>

#include "base/number.h"
#include "base/text.h"
#include "collect/guarded.h"

namespace cufit::collect {
namespace {

constexpr std::string_view kGpu = "nvidia";

/// N of "nvidiaN".
std::optional<uint32_t> gpu_minor(std::string_view name) {
  return name.starts_with(kGpu) ? whole_number<uint32_t>(name.substr(kGpu.size())) : std::nullopt;
}

bool is_tegra(std::string_view name) {
  return name.starts_with("nvhost-") || name == "nvmap" || name == "nvgpu";
}

/// The module behind a node; empty: none that could be missing.
std::string_view module_of(std::string_view name) {
  if (name.starts_with("nvidia-uvm")) return "nvidia_uvm";
  if (name == "nvidia-modeset") return "nvidia_modeset";
  return name.starts_with("nvidia") ? "nvidia" : "";
}

/// Names by their text, numbers in them by value: nvidia2 before nvidia10.
bool before(const DeviceNode& a, const DeviceNode& b) {
  auto key = [](const std::string& path) {
    auto end = path.find_last_not_of("0123456789");
    return std::tuple(std::string_view(path).substr(0, end + 1), path.size(), std::string_view(path));
  };
  return key(a.path) < key(b.path);
}

std::optional<DeviceNode> node(const Root& root, const std::string& path) {
  auto st = root.look(path);
  if (!st) return std::nullopt;
  DeviceNode n;
  n.path = path;
  n.mode = st->st_mode & 07777;
  n.uid = st->st_uid;
  n.gid = st->st_gid;
  if (S_ISCHR(st->st_mode)) {
    n.major = major(st->st_rdev);
    n.minor = minor(st->st_rdev);
  }
  n.opens = absent<bool>(path);
  return n;
}

void add(const Root& root, const std::string& folder, bool (*wanted)(std::string_view),
         std::vector<DeviceNode>& nodes) {
  auto names = root.names(folder);
  if (!names) return;
  for (auto& name : *names)
    if (wanted(name))
      if (auto n = node(root, folder + '/' + name)) nodes.push_back(std::move(*n));
}

}  // namespace

bool is_node(std::string_view name) {
  static constexpr std::array<std::string_view, 6> names = {
      "nvidiactl", "nvidia-uvm", "nvidia-uvm-tools", "nvidia-modeset", "dxg", "nvidia-nvlink"};
  return std::ranges::find(names, name) != names.end() || gpu_minor(name) || is_tegra(name) ||
         name.starts_with("nvidia-nvswitch");
}

bool may_be_opened(std::string_view path, const KernelDriver& driver,
                   const std::function<bool(std::string_view)>& loaded) {
  auto name = base_name(path);
  if (is_tegra(name)) return false;
  auto module = module_of(name);
  if (!module.empty() && !loaded(module)) return false;
  auto minor = gpu_minor(name);
  if (!minor) return true;
  return std::ranges::any_of(driver.gpus,
                             [&](const ProcGpu& g) { return g.minor && *g.minor == *minor && g.started; });
}

int refused(const std::string& path) {
  if (access(path.c_str(), R_OK | W_OK) != 0) return errno;
  struct statvfs fs;
  return statvfs(path.c_str(), &fs) == 0 && fs.f_flag & ST_NODEV ? EACCES : 0;
}

void open_nodes(const std::vector<DeviceNode*>& nodes) {
  if (nodes.empty()) return;
  auto heard = in_child([&](const Tell& tell) {
    for (auto* n : nodes) {
      int fd = open(n->path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
      tell(fd < 0 ? error_name(errno) : "");
      // After the answer: a driver may wait here for what it began with open().
      if (fd >= 0) close(fd);
    }
  });
  for (size_t i = 0; i < nodes.size(); i++) {
    auto& n = *nodes[i];
    auto why = i < heard.messages.size() ? heard.messages[i] : why_unheard(heard, i);
    n.opens = why.empty() ? Fact<bool>(true, at_path(n.path)) : unreadable<bool>(why, n.path);
  }
}

std::vector<DeviceNode> observe_nodes(const Root& root, const KernelDriver& driver) {
  std::vector<DeviceNode> nodes;
  add(root, "/dev", is_node, nodes);
  add(root, "/dev/nvidia-caps", [](std::string_view name) { return name.starts_with("nvidia-cap"); }, nodes);
  std::ranges::sort(nodes, before);
  if (!root.this_machine()) return nodes;
  // A kernel without /sys/module (gVisor) loads nothing.
  bool lists_modules = root.has("/sys/module");
  auto loaded = [&](std::string_view module) {
    return !lists_modules || root.has("/sys/module/" + std::string(module));
  };
  try_nodes(nodes, driver, loaded);
  return nodes;
}

void try_nodes(std::vector<DeviceNode>& nodes, const KernelDriver& driver,
               const std::function<bool(std::string_view)>& loaded) {
  std::vector<DeviceNode*> to_open;
  for (auto& n : nodes) {
    if (n.major == 0)  // something else lies under that name: a file, a folder
      n.opens = unreadable<bool>("no device", n.path);
    else if (int error = refused(n.path))
      n.opens = unreadable<bool>(error_name(error), n.path);
    else if (may_be_opened(n.path, driver, loaded))
      to_open.push_back(&n);
  }
  open_nodes(to_open);
}

}  // namespace cufit::collect
