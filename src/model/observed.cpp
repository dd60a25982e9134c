#include "model/observed.h"

#include <algorithm>

#include "base/number.h"

namespace cufit {

namespace {

const ProcGpu* told_by_driver(const Observed& seen, const PciDevice& device) {
  auto found = std::ranges::find(seen.kernel.gpus, device.address, &ProcGpu::address);
  return found == seen.kernel.gpus.end() ? nullptr : &*found;
}

/// The device rules of a cgroup forbid it, as job systems do with GPUs of other jobs.
bool is_forbidden(const DeviceNode& node) {
  auto* failed = std::get_if<Unreadable>(&node.opens.is);
  return failed && failed->why == "EPERM";
}

/// A container shows the GPUs of its host on the bus, and its own by what the driver tells and by nodes.
bool is_shown(const Observed& seen, const PciDevice& device) {
  if (!seen.limits.container) return true;
  auto* told = told_by_driver(seen, device);
  if (!told) return seen.kernel.gpus.empty();
  return !told->minor || node_of_gpu(seen, device);
}

}  // namespace

bool is_jetson(const Observed& seen) {
  auto is_engine = [](auto& node) { return node.path.starts_with("/dev/nvhost-"); };
  return seen.os.jetson || (seen.os.soc && std::ranges::any_of(seen.nodes, is_engine));
}

const DeviceNode* node_of_gpu(const Observed& seen, const PciDevice& device) {
  auto* told = told_by_driver(seen, device);
  if (!told || !told->minor) return nullptr;
  auto node = std::ranges::find(seen.nodes, "/dev/nvidia" + std::to_string(*told->minor), &DeviceNode::path);
  return node == seen.nodes.end() ? nullptr : &*node;
}

std::vector<const DeviceNode*> gpu_nodes(const Observed& seen) {
  constexpr std::string_view prefix = "/dev/nvidia";
  std::vector<const DeviceNode*> nodes;
  for (auto& n : seen.nodes)
    if (n.path.starts_with(prefix) && all_digits(std::string_view(n.path).substr(prefix.size())))
      nodes.push_back(&n);
  return nodes;
}

std::vector<const PciDevice*> given_gpus(const Observed& seen) {
  std::vector<const PciDevice*> all;
  for (auto& device : seen.pci)
    if (device.is_gpu()) all.push_back(&device);
  std::ranges::sort(all, {}, &PciDevice::address);
  if (seen.root != "/") return all;  // nobody looked at devices
  auto shown = all;
  std::erase_if(shown, [&](auto* device) { return !is_shown(seen, *device); });
  if (shown.empty()) return all;
  auto given = shown;
  std::erase_if(given, [&](auto* device) {
    auto* node = node_of_gpu(seen, *device);
    return node && is_forbidden(*node);
  });
  return given.empty() ? shown : given;
}

size_t most_given(const Observed& seen) {
  auto given = given_gpus(seen);
  if (seen.root != "/" || !seen.kernel.gpus.empty()) return given.size();
  auto nodes = gpu_nodes(seen);
  auto forbidden = size_t(std::ranges::count_if(nodes, [](auto* n) { return is_forbidden(*n); }));
  // Elsewhere a node that is not there is made when it is needed, and that all are forbidden is a fault.
  if (!seen.limits.container && forbidden == 0) return given.size();
  auto left = nodes.size() - forbidden;
  return left == 0 ? given.size() : std::min(left, given.size());
}

const DriverLibrary* loaded_library(const Observed& observed, std::string_view soname) {
  auto rank = [](const DriverLibrary& l) { return l.on == "LD_LIBRARY_PATH" ? 0 : l.on == "cache" ? 1 : 2; };
  const DriverLibrary* best = nullptr;
  for (auto& l : observed.libraries)
    if (l.name == soname && !l.on.empty() && (!best || rank(l) < rank(*best))) best = &l;
  return best;
}

}  // namespace cufit
