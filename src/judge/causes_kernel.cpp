// Does a kernel module drive the GPU? The module, what keeps it from being loaded, its flavour, and the state
// of the PCI devices.
#include <algorithm>

#include "judge/driver_axis.h"
#include "judge/machine_view.h"

namespace cufit {

namespace {

using Devices = std::vector<const PciDevice*>;

FactRef fact_of(const Devices& devices, const char* member) {
  return "observed.pci." + devices.front()->address + '.' + member;
}

bool is_lost(const PciDevice& d) { return d.lost && *d.lost; }

/// A device that answers keeps nobody waiting who reads its configuration space.
void find_silent(const MachineView& v, std::vector<FoundCause>& out) {
  auto silent = v.gpus_where([](auto& d) {
    auto* unread = std::get_if<Unreadable>(&d.lost.is);
    return unread && unread->why == "hangs";
  });
  if (silent.empty()) return;
  auto cause =
      fault(v.facts, "gpu-fallen-off-bus", Stage::module, 999,
            {"cause.gpu-fallen-off-bus.silent", {{"gpus", addresses(silent)}}}, {fact_of(silent, "lost")});
  cause.answer = Answer::unknown;
  cause.confidence = Confidence::medium;
  cause.why.says = Verdict::unknown;
  place(std::move(cause), v, silent, out);
}

void find_device_state(const MachineView& v, std::vector<FoundCause>& out) {
  auto lost = v.gpus_where(is_lost);
  if (!lost.empty())
    place(fault(v.facts, "gpu-fallen-off-bus", Stage::module, 999,
                {"cause.gpu-fallen-off-bus.found", {{"gpus", addresses(lost)}}}, {fact_of(lost, "lost")}),
          v, lost, out);
  find_silent(v, out);
  auto excluded = v.gpus_where([&](auto& d) {
    return std::ranges::any_of(v.observed.kernel.gpus,
                               [&](auto& g) { return g.excluded && g.address == d.address; });
  });
  if (!excluded.empty())
    place(fault(v.facts, "gpu-excluded", Stage::devices, 100,
                {"cause.gpu-excluded.found", {{"gpus", addresses(excluded)}}}, {"observed.kernel.gpus"}),
          v, excluded, out);
  auto no_bar = v.gpus_where([](auto& d) { return !is_lost(d) && d.bar1 && *d.bar1 == 0; });
  if (!no_bar.empty())
    place(fault(v.facts, "pci-bar-allocation", Stage::module, 100,
                {"cause.pci-bar-allocation.found", {{"gpus", addresses(no_bar)}}}, {fact_of(no_bar, "bar1")}),
          v, no_bar, out);
}

/// What the boards that a GPU can be say of open modules; nothing if they differ or none is known.
std::optional<ModuleSupport> open_module_support(const Gpu& gpu, const Knowledge& k) {
  if (auto* board = gpu.board ? k.gpu(*gpu.board) : nullptr) return board->open_kernel_module;
  std::optional<ModuleSupport> all;
  for (auto& row : k.tables().gpus) {
    bool is_one = gpu.chip ? row.chip == *gpu.chip : gpu.sm && row.cc.plain() == gpu.sm->plain();
    if (!is_one) continue;
    if (all && *all != row.open_kernel_module) return std::nullopt;
    all = row.open_kernel_module;
  }
  return all;
}

/// What the driver axis says of a GPU: which drivers know its chip.
Step chip_step(const Gpu& gpu, const CauseFacts& facts) {
  auto place = place_of(facts.knowledge, facts.machine, gpu, &facts.observed);
  return place && place->driver ? judge_chip(*place, {}) : Step{};
}

/// DRV-5, DRV-6: GPUs that the driver does not know. Verdicts say it of subjects; where none is judged nobody
/// else would.
void find_unknown_gpus(const MachineView& v, std::vector<FoundCause>& out) {
  if (!v.facts.subjects.empty()) return;
  for (auto& gpu : v.facts.machine.gpus) {
    auto step = chip_step(gpu, v.facts);
    if (step.axis != Axis::unfit) continue;
    bool old = step.cause == Cause::driver_older_than_gpu;
    auto cause = fault(v.facts, old ? "driver-older-than-gpu" : "legacy-gpu-dropped-by-driver", Stage::module,
                       100, step.evidence.text, step.evidence.facts);
    cause.gpus = {gpu.id};
    out.push_back(std::move(cause));
  }
}

/// "2 x Tesla V100-PCIE-16GB, B200".
std::string counted(const std::vector<std::string>& names) {
  std::string all;
  for (auto name = names.begin(); name != names.end(); ++name) {
    if (std::find(names.begin(), name, *name) != name) continue;
    auto n = std::count(name, names.end(), *name);
    all += (all.empty() ? "" : ", ") + (n > 1 ? std::to_string(n) + " x " : "") + *name;
  }
  return all;
}

/// The GPUs of which open modules are known to be so, if the driver knows them at all.
std::pair<std::vector<GpuId>, std::string> gpus_with(ModuleSupport support, const CauseFacts& facts) {
  std::pair<std::vector<GpuId>, std::string> found;
  std::vector<std::string> names;
  for (auto& gpu : facts.machine.gpus) {
    if (open_module_support(gpu, facts.knowledge) != support || chip_step(gpu, facts).axis == Axis::unfit)
      continue;
    found.first.push_back(gpu.id);
    names.push_back(gpu.name ? *gpu.name : gpu.id);
  }
  found.second = counted(names);
  return found;
}

/// Pre-Turing GPUs need the proprietary module, Blackwell and Grace Hopper the open one.
void find_wrong_flavour(const MachineView& v, std::vector<FoundCause>& out) {
  auto& flavour = v.observed.kernel.flavour;
  if (!flavour) return;
  if (*flavour != "open" && *flavour != "proprietary") return;
  bool open = *flavour == "open";
  auto [gpus, names] = gpus_with(open ? ModuleSupport::unsupported : ModuleSupport::required, v.facts);
  if (gpus.empty()) return;
  Text text = {
      open ? "cause.gpu-open-vs-proprietary-module.open" : "cause.gpu-open-vs-proprietary-module.proprietary",
      {{"gpus", names}}};
  auto others = gpus_with(open ? ModuleSupport::required : ModuleSupport::unsupported, v.facts).second;
  if (!others.empty())
    text = {open ? "cause.gpu-open-vs-proprietary-module.open-of-both"
                 : "cause.gpu-open-vs-proprietary-module.proprietary-of-both",
            {{"gpus", names}, {"others", others}}};
  auto cause =
      fault(v.facts, "gpu-open-vs-proprietary-module", Stage::module, 100, text, {"observed.kernel.flavour"});
  cause.gpus = std::move(gpus);
  out.push_back(std::move(cause));
}

bool taken_by(const PciDevice& d, std::string_view name) { return d.driver && *d.driver == name; }

/// Who else owns the GPUs: nouveau, or a driver that hands them to virtual machines. The devices.
Devices find_other_owners(const MachineView& v, std::vector<FoundCause>& out) {
  auto nouveau = v.gpus_where([](auto& d) { return taken_by(d, "nouveau") || taken_by(d, "nova_core"); });
  // Without NVIDIA's driver nouveau is what drives the card by right.
  if (!nouveau.empty() && v.driver_is_installed())
    place(fault(v.facts, "nouveau-conflict", Stage::module, 100,
                {"cause.nouveau-conflict.found", {{"gpus", addresses(nouveau)}}},
                {fact_of(nouveau, "driver"), "observed.kernel.loaded"}),
          v, nouveau, out);
  auto handed = v.gpus_where([](auto& d) { return taken_by(d, "vfio-pci"); });
  if (!handed.empty())
    place(
        fault(v.facts, "gpu-without-driver", Stage::module, 100,
              {"cause.gpu-without-driver.vfio", {{"gpus", addresses(handed)}}}, {fact_of(handed, "driver")}),
        v, handed, out);
  auto taken = std::move(nouveau);
  taken.insert(taken.end(), handed.begin(), handed.end());
  return taken;
}

/// Does the driver not drive it by DRV-5 or DRV-6? That is told of it then.
bool is_unknown_to_driver(const MachineView& v, const PciDevice& d) {
  auto ids = v.gpus_at({&d});
  if (!ids) return false;
  return std::ranges::any_of(v.facts.machine.gpus, [&](auto& gpu) {
    bool is_it = ids->empty() || std::ranges::find(*ids, gpu.id) != ids->end();
    return is_it && chip_step(gpu, v.facts).axis == Axis::unfit;
  });
}

/// The module is loaded and these GPUs are nobody's: it refused them, or somebody took them away from it.
/// Faults that say why fold this one.
void find_refused_gpus(const MachineView& v, std::vector<FoundCause>& out) {
  auto left = v.gpus_where([&](auto& d) {
    if (is_unknown_to_driver(v, d)) return false;
    bool told = std::ranges::find(v.observed.kernel.gpus, d.address, &ProcGpu::address) !=
                v.observed.kernel.gpus.end();
    return looked_and_absent(d.driver) && !told && !is_lost(d);
  });
  if (!left.empty())
    place(fault(v.facts, "gpu-without-driver", Stage::module, 100,
                {"cause.gpu-without-driver.found", {{"gpus", addresses(left)}}},
                {fact_of(left, "driver"), "observed.kernel.loaded"}),
          v, left, out);
}

void find_unloaded_module(const MachineView& v, std::vector<FoundCause>& out) {
  auto& kernel = v.observed.kernel;
  auto& os = v.observed.os;
  std::string running = os.kernel ? *os.kernel : "?";
  if (looked_and_absent(kernel.on_disk)) {
    if (!v.driver_is_installed()) return;  // nothing is installed: libcuda is missing as well
    bool for_others = !kernel.other_kernels.empty();
    bool no_headers = kernel.headers && !*kernel.headers;
    auto cause =
        fault(v.facts, "dkms-module-not-built", Stage::module, 100,
              {no_headers ? "cause.dkms-module-not-built.headers" : "cause.dkms-module-not-built.found",
               {{"kernel", running}}},
              {"observed.kernel.on_disk", "observed.os.kernel"});
    if (for_others) cause.why.facts.push_back("observed.kernel.other_kernels");
    if (no_headers) cause.why.facts.push_back("observed.kernel.headers");
    if (!for_others && !no_headers) cause.confidence = Confidence::medium;
    out.push_back(std::move(cause));
    return;
  }
  std::vector<FactRef> facts = {"observed.kernel.loaded", "observed.kernel.on_disk"};
  // "modprobe nvidia" by name ignores a blacklist (modprobe.d(5)).
  bool by_libcuda = kernel.on_disk && kernel.modprobe && *kernel.modprobe;
  if (kernel.blacklisted && !by_libcuda) {
    facts.push_back("observed.kernel.blacklisted");
    out.push_back(fault(v.facts, "kernel-module-not-loaded", Stage::module, 100,
                        {"cause.kernel-module-not-loaded.blacklisted", {{"file", *kernel.blacklisted}}},
                        facts));
    return;
  }
  if (kernel.on_disk && os.secure_boot && *os.secure_boot) {
    facts.insert(facts.end(), {"observed.os.secure_boot", "observed.kernel.on_disk_signed"});
    auto path = kernel.on_disk_path ? *kernel.on_disk_path : std::string("nvidia.ko");
    auto& is_signed = kernel.on_disk_signed;
    // Whether the firmware knows the key of a signature cannot be seen: not being loaded is what is sure.
    if (is_signed && *is_signed)
      out.push_back(fault(v.facts, "kernel-module-not-loaded", Stage::module, 100,
                          {"cause.kernel-module-not-loaded.signed", {{"path", path}}}, facts));
    else
      out.push_back(fault(v.facts, "secure-boot-unsigned-module", Stage::module, 100,
                          {is_signed ? "cause.secure-boot-unsigned-module.unsigned"
                                     : "cause.secure-boot-unsigned-module.found",
                           {{"path", path}}},
                          facts));
    return;
  }
  auto cause = fault(v.facts, "kernel-module-not-loaded", Stage::module, 100,
                     {"cause.kernel-module-not-loaded.found"}, facts);
  if (!kernel.on_disk) cause.confidence = Confidence::medium;
  if (by_libcuda) {
    leave_open(cause);
    cause.why.text = {"cause.kernel-module-not-loaded.by-modprobe"};
    cause.why.facts.push_back("observed.kernel.modprobe");
  }
  out.push_back(std::move(cause));
}

}  // namespace

void find_kernel_causes(const MachineView& v, std::vector<FoundCause>& out) {
  if (v.wsl || v.jetson) return;
  find_unknown_gpus(v, out);
  find_wrong_flavour(v, out);
  if (!v.live) return;
  find_device_state(v, out);
  // A container shows neither the drivers of devices that are not its own nor why no module is loaded.
  if (v.container) return;
  // Where the bus was read and no GPU is on it, no module has anything to drive.
  if (v.observed.pci_seen && *v.observed.pci_seen && v.gpus().empty()) return;
  auto taken = find_other_owners(v, out);
  if (v.module_loaded() == Answer::yes) find_refused_gpus(v, out);
  if (v.module_loaded() == Answer::no && (taken.empty() || taken.size() < v.gpus().size()))
    find_unloaded_module(v, out);
}

}  // namespace cufit
