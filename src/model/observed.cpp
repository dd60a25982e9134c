#include "model/observed.h"

#include <algorithm>

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

bool is_given(const Observed& seen, const PciDevice& device, bool another_opens) {
  auto* told = told_by_driver(seen, device);
  if (seen.limits.container && !told && !seen.kernel.gpus.empty()) return false;
  if (!told || !told->minor) return true;
  auto* node = node_of_gpu(seen, device);
  return node ? !is_forbidden(*node) || !another_opens : !seen.limits.container;
}

}  // namespace

const DeviceNode* node_of_gpu(const Observed& seen, const PciDevice& device) {
  auto* told = told_by_driver(seen, device);
  if (!told || !told->minor) return nullptr;
  auto node = std::ranges::find(seen.nodes, "/dev/nvidia" + std::to_string(*told->minor), &DeviceNode::path);
  return node == seen.nodes.end() ? nullptr : &*node;
}

std::vector<const PciDevice*> given_gpus(const Observed& seen) {
  std::vector<const PciDevice*> all;
  for (auto& device : seen.pci)
    if (device.is_gpu()) all.push_back(&device);
  std::ranges::sort(all, {}, &PciDevice::address);
  if (seen.root != "/") return all;  // nobody looked at devices
  bool one_opens = std::ranges::any_of(all, [&](auto* device) {
    auto* node = node_of_gpu(seen, *device);
    return node && node->opens && *node->opens;
  });
  auto given = all;
  std::erase_if(given, [&](auto* device) { return !is_given(seen, *device, one_opens); });
  return given.empty() ? all : given;
}

const DriverLibrary* loaded_library(const Observed& observed, std::string_view soname) {
  auto rank = [](const DriverLibrary& l) { return l.on == "LD_LIBRARY_PATH" ? 0 : l.on == "cache" ? 1 : 2; };
  const DriverLibrary* best = nullptr;
  for (auto& l : observed.libraries)
    if (l.name == soname && !l.on.empty() && (!best || rank(l) < rank(*best))) best = &l;
  return best;
}

}  // namespace cufit
