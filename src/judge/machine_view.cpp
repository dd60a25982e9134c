#include "judge/machine_view.h"

#include <algorithm>

#include "base/text.h"

namespace cufit {

MachineView::MachineView(const CauseFacts& f) : facts(f), observed(f.observed) {
  live = observed.root == "/";
  wsl = f.machine.wsl || node("/dev/dxg");
  jetson = is_jetson(observed);
  container = bool(observed.limits.container);
  gpus_ = given_gpus(observed);
}

Answer MachineView::module_loaded() const {
  auto& kernel = observed.kernel;
  if (!live) return Answer::unknown;
  if (kernel.loaded || std::ranges::find(kernel.modules, "nvidia") != kernel.modules.end())
    return Answer::yes;
  return looked_and_absent(kernel.loaded) ? Answer::no : Answer::unknown;
}

bool MachineView::has_nvswitch() const {
  return std::ranges::any_of(observed.pci, &PciDevice::is_nvswitch) ||
         std::ranges::any_of(observed.nodes,
                             [](auto& n) { return n.path.starts_with("/dev/nvidia-nvswitch"); });
}

bool MachineView::shows_no_gpu() const {
  return live && !wsl && !jetson && gpus_.empty() && observed.nodes.empty() && module_loaded() == Answer::no;
}

std::optional<std::vector<GpuId>> MachineView::gpus_at(const std::vector<const PciDevice*>& devices) const {
  if (devices.size() == gpus_.size()) return std::vector<GpuId>{};
  // GPUs are listed in the order of the bus; if one is missing in either list, nobody can tell which is
  // which.
  if (facts.machine.gpus.size() != gpus_.size()) return std::nullopt;
  std::vector<GpuId> ids;
  for (size_t i = 0; i < gpus_.size(); i++)
    if (std::ranges::find(devices, gpus_[i]) != devices.end()) ids.push_back(facts.machine.gpus[i].id);
  return ids;
}

/// By its place on the bus.
std::optional<GpuId> MachineView::gpu_at(const Fact<std::string>& address) const {
  auto& listed = facts.machine.gpus;
  if (!address || gpus_.size() != listed.size()) return std::nullopt;
  for (size_t i = 0; i < gpus_.size(); i++)
    if (gpus_[i]->address == *address) return listed[i].id;
  return std::nullopt;
}

/// By its number, where no bus is seen and both lists are as long.
std::optional<GpuId> MachineView::gpu_numbered(size_t index, size_t told) const {
  auto& listed = facts.machine.gpus;
  bool alike = gpus_.empty() && index < listed.size() && told == listed.size();
  return alike ? std::optional(listed[index].id) : std::nullopt;
}

std::optional<GpuId> MachineView::gpu_of(const CudaGpu& gpu) const {
  auto& [nvml, cuda, python] = *facts.probed;
  if (auto id = gpu_at(gpu.address)) return id;
  // CUDA's list may have another order than NVML's, in which GPUs are that no bus shows.
  if (auto* told = same_gpu(nvml, gpu)) return gpu_of(*told);
  return gpu_numbered(gpu.ordinal, cuda.gpus.size());
}

std::optional<GpuId> MachineView::gpu_of(const NvmlGpu& gpu) const {
  if (auto id = gpu_at(gpu.address)) return id;
  for (auto& known : observed.kernel.gpus)
    if (gpu.uuid && known.uuid && *known.uuid == *gpu.uuid) return gpu_at({known.address, gpu.uuid.from});
  return gpu_numbered(gpu.index, facts.probed->nvml.gpus.size());
}

std::vector<const PciDevice*> MachineView::gpus_where(
    const std::function<bool(const PciDevice&)>& holds) const {
  auto found = gpus_;
  std::erase_if(found, [&](auto* device) { return !holds(*device); });
  return found;
}

const DeviceNode* MachineView::node(std::string_view path) const {
  auto found = std::ranges::find(observed.nodes, path, &DeviceNode::path);
  return found == observed.nodes.end() ? nullptr : &*found;
}

const DriverLibrary* MachineView::hidden(std::string_view soname) const {
  auto lies_hidden = [&](auto& l) {
    return l.name == soname && l.on.empty() && l.kind == DriverLibrary::Kind::driver && l.has_its_name();
  };
  auto found = std::ranges::find_if(observed.libraries, lies_hidden);
  return found == observed.libraries.end() ? nullptr : &*found;
}

const DriverLibrary* MachineView::unlinked(std::string_view soname) const {
  auto has_no_link = [&](auto& l) {
    return l.name == soname && !l.has_its_name() && l.kind == DriverLibrary::Kind::driver;
  };
  auto found = std::ranges::find_if(observed.libraries, has_no_link);
  return found == observed.libraries.end() ? nullptr : &*found;
}

bool MachineView::driver_is_installed() const {
  auto& kernel = observed.kernel;
  return kernel.on_disk || !kernel.other_kernels.empty() ||
         std::ranges::any_of(observed.libraries, [](auto& l) {
           return l.kind == DriverLibrary::Kind::driver && l.name == "libcuda.so.1";
         });
}

std::string MachineView::variable(const std::string& name) const {
  auto at = facts.machine.env.find(name);
  return at == facts.machine.env.end() ? std::string() : at->second;
}

bool MachineView::is_set(const std::string& name) const { return facts.machine.env.contains(name); }

std::string open_error(const DeviceNode* node) {
  auto* failed = node ? std::get_if<Unreadable>(&node->opens.is) : nullptr;
  return failed ? failed->why : std::string();
}

void place(FoundCause cause, const MachineView& v, const std::vector<const PciDevice*>& devices,
           std::vector<FoundCause>& out) {
  if (auto gpus = v.gpus_at(devices)) {
    cause.gpus = std::move(*gpus);
  } else {
    leave_open(cause);
  }
  out.push_back(std::move(cause));
}

namespace {

/// `told`: how many the driver tells of.
void place_on(const std::optional<GpuId>& gpu, size_t told, FoundCause cause, const MachineView& v,
              std::vector<FoundCause>& out) {
  if (gpu)
    cause.gpus = {*gpu};
  else if (told > 1 || v.facts.machine.gpus.size() > 1)
    leave_open(cause);
  out.push_back(std::move(cause));
}

}  // namespace

void place(FoundCause cause, const MachineView& v, const CudaGpu& gpu, std::vector<FoundCause>& out) {
  place_on(v.gpu_of(gpu), v.facts.probed->cuda.gpus.size(), std::move(cause), v, out);
}

void place(FoundCause cause, const MachineView& v, const NvmlGpu& gpu, std::vector<FoundCause>& out) {
  place_on(v.gpu_of(gpu), v.facts.probed->nvml.gpus.size(), std::move(cause), v, out);
}

std::string addresses(const std::vector<const PciDevice*>& devices) {
  std::string all;
  for (auto* d : devices) all += (all.empty() ? "" : ", ") + d->address;
  return all;
}

FoundCause found(const CauseFacts& facts, std::string_view id, Text what, std::vector<FactRef> refs) {
  FoundCause cause;
  cause.id = id;
  if (auto* row = facts.knowledge.cause(id)) {  // all have one: Causes.EveryIdOfAFindingHasARow
    cause.severity = row->severity;
    cause.confidence = row->provenance.confidence;
  }
  cause.args = what.args;
  cause.why = {cause.id, Verdict::limited, std::move(what), std::move(refs), {"cause/" + cause.id}, {}};
  return cause;
}

FoundCause fault(const CauseFacts& facts, std::string_view id, Stage stage, int code, Text what,
                 std::vector<FactRef> refs) {
  auto cause = found(facts, id, std::move(what), std::move(refs));
  cause.stage = stage;
  cause.code = code;
  cause.why.says = Verdict::unfit;
  return cause;
}

void leave_open(FoundCause& cause) {
  cause.answer = Answer::unknown;
  cause.why.says = Verdict::unknown;
}

}  // namespace cufit
