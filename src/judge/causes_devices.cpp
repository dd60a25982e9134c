// May the process open the devices: nodes, permissions, device rules of cgroups, unified memory, the fabric,
// MIG?
#include <algorithm>

#include "base/text.h"
#include "judge/machine_view.h"

namespace cufit {

namespace {

constexpr std::string_view control = "/dev/nvidiactl", uvm = "/dev/nvidia-uvm";

FactRef node_fact(std::string_view path) { return "observed.nodes." + std::string(path); }

bool all_fail_with(const std::vector<const DeviceNode*>& nodes, std::string_view error) {
  return !nodes.empty() && std::ranges::all_of(nodes, [&](auto* n) { return open_error(n) == error; });
}

/// The node whose failure with this error stops every program; empty if there is none.
std::string refused(const MachineView& v, std::string_view error) {
  if (open_error(v.node(control)) == error) return std::string(control);
  auto nodes = v.gpu_nodes();
  return all_fail_with(nodes, error) ? nodes.front()->path : std::string();
}

void find_refused_nodes(const MachineView& v, std::vector<FoundCause>& out) {
  // The node is there and its mode would let the process in, the device rules of a cgroup do not.
  if (auto path = refused(v, "EPERM"); !path.empty())
    out.push_back(fault(v.facts, "container-lost-gpu-cgroup", Stage::devices, 100,
                        {"cause.container-lost-gpu-cgroup.found", {{"path", path}}}, {node_fact(path)}));
  auto path = refused(v, "EACCES");
  bool only_uvm = path.empty() && open_error(v.node(uvm)) == "EACCES";
  if (only_uvm) path = uvm;
  if (path.empty()) return;
  auto& node = *v.node(path);
  std::string mode = "0";
  for (int shift : {6, 3, 0}) mode += char('0' + (node.mode >> shift & 7));
  out.push_back(fault(
      v.facts, "device-permission", Stage::devices, only_uvm ? 999 : 100,
      {"cause.device-permission.found", {{"path", path}, {"mode", mode}, {"gid", std::to_string(node.gid)}}},
      {node_fact(path)}));
}

void find_missing_uvm(const MachineView& v, std::vector<FoundCause>& out) {
  if (!v.node(control) && v.gpu_nodes().empty()) return;  // no node at all is another fault
  auto* node = v.node(uvm);
  auto error = open_error(node);
  bool dead = error == "ENXIO" || error == "ENODEV" || error == "EPERM";
  if (node && !dead) return;
  if (node && open_error(v.node(control)) == error) return;
  auto& modprobe = v.observed.kernel.modprobe;
  // Outside of containers libcuda has module and node made at its first call.
  if (!node && !v.container && modprobe && *modprobe) return;
  auto cause =
      fault(v.facts, "nvidia-uvm-missing", Stage::devices, 999,
            node ? Text{"cause.nvidia-uvm-missing.dead", {{"path", std::string(uvm)}, {"error", error}}}
                 : Text{"cause.nvidia-uvm-missing.found", {{"path", std::string(uvm)}}},
            {node_fact(uvm)});
  if (!node && !v.container) {
    cause.why.facts.push_back("observed.kernel.modprobe");
    if (!modprobe && !looked_and_absent(modprobe)) {
      cause.answer = Answer::unknown;
      cause.confidence = Confidence::medium;
      cause.why.says = Verdict::unknown;
      cause.why.text = {"cause.nvidia-uvm-missing.unsure", {{"path", std::string(uvm)}}};
    }
  }
  out.push_back(std::move(cause));
}

/// FAB-1. A container does not see whether it runs on its host.
void find_fabric(const MachineView& v, std::vector<FoundCause>& out) {
  auto& runs = v.observed.fabric_manager;
  if (v.container || !v.has_nvswitch() || !runs || *runs) return;
  auto& loaded = v.observed.kernel.loaded;
  auto& have = v.observed.fabric_manager_version;
  Text text = {"cause.fabric-manager-down.found", {{"driver", loaded ? loaded->text() : "?"}}};
  std::vector<FactRef> facts = {"observed.fabric_manager", "observed.pci"};
  if (have && loaded && *have != *loaded) {
    text = {"cause.fabric-manager-down.other-version", {{"have", have->text()}, {"driver", loaded->text()}}};
    facts.insert(facts.end(), {"observed.fabric_manager_version", "observed.kernel.loaded"});
  }
  out.push_back(fault(v.facts, "fabric-manager-down", Stage::fabric, 802, std::move(text), std::move(facts)));
}

/// MIG-1: an instance without compute instance gives no device, and a process sees one instance.
void find_mig(const MachineView& v, std::vector<FoundCause>& out) {
  auto& mig = v.observed.mig;
  if (mig.empty()) return;
  if (std::ranges::all_of(mig, [](auto& i) { return i.ci.empty(); })) {
    out.push_back(fault(v.facts, "mig-config", Stage::devices, 100,
                        {"cause.mig-config.no-compute", {{"gpu", std::to_string(mig.front().gpu)}}},
                        {"observed.mig"}));
    return;
  }
  auto value = v.variable("CUDA_VISIBLE_DEVICES");
  auto names_instance = [](std::string_view token) { return trimmed(token).starts_with("MIG-"); };
  auto count = std::ranges::count_if(split(value, ','), names_instance);
  if (count < 2) return;
  auto cause = found(v.facts, "mig-config", {"cause.mig-config.several", {{"n", std::to_string(count)}}},
                     {"observed.mig", "machine.env.CUDA_VISIBLE_DEVICES"});
  cause.severity = Severity::warning;
  out.push_back(std::move(cause));
}

}  // namespace

void find_device_causes(const MachineView& v, std::vector<FoundCause>& out) {
  if (v.wsl || v.jetson || !v.live || v.module_loaded() == Answer::no) return;
  find_refused_nodes(v, out);
  find_missing_uvm(v, out);
  find_mig(v, out);
  find_fabric(v, out);
}

}  // namespace cufit
