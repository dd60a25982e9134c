// May the process open the devices: nodes, permissions, device rules of cgroups, unified memory, the fabric,
// MIG?
#include <algorithm>
#include <map>

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

FoundCause denied_node(const MachineView& v, const DeviceNode& node, int code) {
  std::string mode = "0";
  for (int shift : {6, 3, 0}) mode += char('0' + (node.mode >> shift & 7));
  Text text = {"cause.device-permission.found",
               {{"path", node.path}, {"mode", mode}, {"gid", std::to_string(node.gid)}}};
  return fault(v.facts, "device-permission", Stage::devices, code, std::move(text), {node_fact(node.path)});
}

void find_refused_nodes(const MachineView& v, std::vector<FoundCause>& out) {
  // The node is there and its mode would let the process in, the device rules of a cgroup do not.
  if (auto path = refused(v, "EPERM"); !path.empty())
    out.push_back(fault(v.facts, "container-lost-gpu-cgroup", Stage::devices, 100,
                        {"cause.container-lost-gpu-cgroup.found", {{"path", path}}}, {node_fact(path)}));
  constexpr std::string_view denied = "EACCES";
  if (auto path = refused(v, denied); !path.empty()) return out.push_back(denied_node(v, *v.node(path), 100));
  for (auto* gpu : v.gpus())
    if (auto* node = node_of_gpu(v.observed, *gpu); open_error(node) == denied)
      place(denied_node(v, *node, 100), v, {gpu}, out);
  if (auto* node = v.node(uvm); open_error(node) == denied) out.push_back(denied_node(v, *node, 999));
}

/// Errors that the driver itself gives: the GPU does not start (EIO), or no device is behind the node.
bool is_dead(std::string_view error) { return error == "EIO" || error == "ENXIO" || error == "ENODEV"; }

/// It opens, and behind it is another device: the kernel knows the driver under another number. (0 is none.)
bool is_another_device(const DeviceNode* node, const Fact<uint32_t>& major) {
  return node && major && node->major != 0 && node->major != *major;
}

/// What opening failed with, where it is neither of those above nor a refusal: busy, out of time, gone.
bool is_odd(std::string_view error) {
  return !error.empty() && error != "EPERM" && error != "EACCES" && !is_dead(error);
}

FoundCause unusable_node(const MachineView& v, const DeviceNode& node) {
  auto error = open_error(&node);
  if (error.empty())
    return fault(v.facts, "device-does-not-open", Stage::devices, 100,
                 {"cause.device-does-not-open.another",
                  {{"path", node.path},
                   {"number", std::to_string(node.major)},
                   {"right", std::to_string(*v.observed.kernel.major)}}},
                 {node_fact(node.path), "observed.kernel.major"});
  auto cause = fault(v.facts, "device-does-not-open", Stage::devices, 100,
                     {"cause.device-does-not-open.found", {{"path", node.path}, {"error", error}}},
                     {node_fact(node.path)});
  if (is_odd(error)) {
    leave_open(cause);
  }
  return cause;
}

/// Nodes that are there, that the process may open, and that do not lead to the driver.
void find_unusable_nodes(const MachineView& v, std::vector<FoundCause>& out) {
  auto fails = [&](const DeviceNode* node) {
    auto error = open_error(node);
    bool opens = node && node->opens && *node->opens;
    return is_dead(error) || is_odd(error) || (opens && is_another_device(node, v.observed.kernel.major));
  };
  if (auto* node = v.node(control); fails(node)) return out.push_back(unusable_node(v, *node));
  auto nodes = v.gpu_nodes();
  if (!nodes.empty() && std::ranges::all_of(nodes, fails))
    return out.push_back(unusable_node(v, *nodes.front()));
  for (auto* gpu : v.gpus()) {
    auto* node = node_of_gpu(v.observed, *gpu);
    if (fails(node)) place(unusable_node(v, *node), v, {gpu}, out);
  }
}

void find_missing_uvm(const MachineView& v, std::vector<FoundCause>& out) {
  if (!v.node(control) && v.gpu_nodes().empty()) return;  // no node at all is another fault
  auto* node = v.node(uvm);
  auto error = open_error(node);
  bool dead = is_dead(error) || error == "EPERM", odd = is_odd(error);
  if (node && node->opens && *node->opens && is_another_device(node, v.observed.kernel.uvm_major))
    return out.push_back(fault(v.facts, "nvidia-uvm-missing", Stage::devices, 999,
                               {"cause.nvidia-uvm-missing.another",
                                {{"path", std::string(uvm)},
                                 {"number", std::to_string(node->major)},
                                 {"right", std::to_string(*v.observed.kernel.uvm_major)}}},
                               {node_fact(uvm), "observed.kernel.uvm_major"}));
  if (node && !dead && !odd) return;
  if (node && open_error(v.node(control)) == error) return;
  auto& modprobe = v.observed.kernel.modprobe;
  // Outside of containers libcuda has module and node made at its first call.
  if (!node && !v.container && modprobe && *modprobe) return;
  auto cause =
      fault(v.facts, "nvidia-uvm-missing", Stage::devices, 999,
            node ? Text{"cause.nvidia-uvm-missing.dead", {{"path", std::string(uvm)}, {"error", error}}}
                 : Text{"cause.nvidia-uvm-missing.found", {{"path", std::string(uvm)}}},
            {node_fact(uvm)});
  if (odd) {
    cause.answer = Answer::unknown;
    cause.confidence = Confidence::medium;
    cause.why.says = Verdict::unknown;
  }
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

/// A container does not see whether it runs on its host.
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
  auto cause = fault(v.facts, "fabric-manager-down", Stage::fabric, 802, std::move(text), std::move(facts));
  // Without NVLink there is no fabric to wait for, by what the option says; nobody has seen it.
  if (auto& off = v.observed.kernel.nvlink_off; off && *off) {
    cause.answer = Answer::unknown;
    cause.confidence = Confidence::medium;
    cause.why.says = Verdict::unknown;
    cause.why.text = {"cause.fabric-manager-down.no-nvlink"};
    cause.why.facts.push_back("observed.kernel.nvlink_off");
  }
  out.push_back(std::move(cause));
}

/// GPUs all of whose instances are without a compute instance: none of them serves a program.
void find_idle_mig(const MachineView& v, std::vector<FoundCause>& out) {
  std::map<uint32_t, bool> serves;  // by minor number
  for (auto& i : v.observed.mig) serves[i.gpu] |= !i.ci.empty();
  auto& told = v.observed.kernel.gpus;
  bool all_told = !told.empty() && std::ranges::all_of(told, [](auto& g) { return bool(g.minor); });
  bool none_serves = std::ranges::none_of(serves, [](auto& s) { return s.second; });
  for (auto& [minor, one_serves] : serves) {
    if (one_serves) continue;
    auto cause = fault(v.facts, "mig-config", Stage::devices, 100,
                       {"cause.mig-config.no-compute", {{"gpu", std::to_string(minor)}}}, {"observed.mig"});
    auto devices = v.gpus_where([&](const PciDevice& d) {
      return std::ranges::any_of(
          told, [&](auto& g) { return g.address == d.address && g.minor && *g.minor == minor; });
    });
    if (!devices.empty()) {
      place(std::move(cause), v, devices, out);
      continue;
    }
    if (all_told) continue;  // it is another's
    bool all = none_serves && serves.size() == v.gpus().size();
    if (!all) leave_open(cause);
    out.push_back(std::move(cause));
  }
}

/// An instance without compute instance gives no device, and a process sees one instance.
void find_mig(const MachineView& v, std::vector<FoundCause>& out) {
  auto& mig = v.observed.mig;
  if (mig.empty()) return;
  find_idle_mig(v, out);
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
  find_unusable_nodes(v, out);
  find_missing_uvm(v, out);
  find_mig(v, out);
  find_fabric(v, out);
}

}  // namespace cufit
