#include "knowledge/machine_of.h"

#include <algorithm>
#include <array>

#include "base/number.h"
#include "knowledge/gpu_lookup.h"

namespace cufit {

namespace {

Source knowledge_of(const GpuCandidate& candidate) {
  if (auto* board = candidate.board()) return {Source::Kind::knowledge, "gpu/" + std::string(board->id)};
  return {Source::Kind::knowledge, "chip/" + std::string(candidate.chips.at(0)->id)};
}

std::string hex4(uint16_t n) { return in_base(n, 16, 4); }

std::string ids_of(const PciDevice& device) { return "10de:" + hex4(device.device); }

const ProcGpu* proc_gpu_of(const Observed& seen, const PciDevice& device) {
  auto found = std::ranges::find(seen.kernel.gpus, device.address, &ProcGpu::address);
  return found == seen.kernel.gpus.end() ? nullptr : &*found;
}

/// What all candidates agree in, where the machine does not tell which of them it is.
Gpu one_of(const std::vector<GpuCandidate>& candidates, const std::string& name, const Source& at) {
  Gpu gpu;
  gpu.name = {name, at};
  if (candidates.empty()) return gpu;
  auto& first = candidates.front();
  auto same_sm = [&](auto& c) { return c.sm == first.sm; };
  if (!std::ranges::all_of(candidates, same_sm)) return gpu;
  gpu.sm = {first.sm, knowledge_of(first)};
  auto same_chip = [&](auto& c) { return c.chip == first.chip; };
  if (first.chip && std::ranges::all_of(candidates, same_chip))
    gpu.chip = {std::string(first.chip->id), knowledge_of(first)};
  return gpu;
}

Gpu gpu_of(const PciDevice& device, const Observed& seen, const Knowledge& k) {
  auto* known = proc_gpu_of(seen, device);
  std::string model = known && known->model ? *known->model : "";
  Source at{Source::Kind::path, "/sys/bus/pci/devices/" + device.address};
  auto candidates = boards_of(device, model, k);
  if (candidates.size() == 1) {
    auto gpu = gpu_from(candidates[0], at);
    if (!model.empty()) gpu.name = {model, known->model.from};
    return gpu;
  }
  return one_of(candidates, model.empty() ? ids_of(device) : model, at);
}

/// Chips of Jetson boards by the name that the device tree gives them.
std::string_view chip_of_jetson(std::string_view soc) {
  struct Named {
    std::string_view soc, chip;
  };
  static constexpr std::array<Named, 5> table = {{{"tegra210", "GM20B"},
                                                  {"tegra186", "GP10B"},
                                                  {"tegra194", "GV11B"},
                                                  {"tegra234", "GA10B"},
                                                  {"tegra264", "GB10B"}}};
  for (auto& row : table)
    if (row.soc == soc) return row.chip;
  return {};
}

/// Is one of these the chip? Thor's GPU is on a PCI bus of its own as well.
bool has_chip(const std::vector<Gpu>& gpus, std::string_view chip) {
  return std::ranges::any_of(gpus, [&](auto& gpu) { return gpu.chip && *gpu.chip == chip; });
}

std::vector<Gpu> gpus_of(const Observed& seen, const Knowledge& k) {
  std::vector<Gpu> gpus;
  for (auto& device : seen.pci)
    if (device.is_gpu()) gpus.push_back(gpu_of(device, seen, k));
  if (seen.os.soc)
    if (auto* chip = k.chip(chip_of_jetson(*seen.os.soc)); chip && !has_chip(gpus, chip->id)) {
      Source known{Source::Kind::knowledge, "chip/" + std::string(chip->id)};
      Gpu gpu;
      gpu.name = seen.os.model ? seen.os.model : seen.os.soc;
      gpu.sm = {chip->cc, known};
      gpu.chip = {std::string(chip->id), known};
      gpus.push_back(std::move(gpu));
    }
  for (size_t i = 0; i < gpus.size(); i++) gpus[i].id = "gpu" + std::to_string(i);
  return gpus;
}

/// The CUDA of a release of Jetson Linux ("R36.4.3"): its driver has numbers of its own (TEGRA-1), and where
/// nvgpu drives the GPU the nvidia module is that of the display. https://docs.nvidia.com/jetson/archives/
Fact<Version> cuda_of_jetson(const Fact<std::string>& release) {
  struct Since {
    std::string_view release, cuda;
  };
  static constexpr std::array<Since, 6> table = {
      {{"39", "13.2"}, {"38", "13.0"}, {"36.4", "12.6"}, {"36", "12.2"}, {"35", "11.4"}, {"32", "10.2"}}};
  auto version = release && release->starts_with('R') ? Version::parse(release->substr(1)) : std::nullopt;
  if (!version) return {};
  for (auto& row : table) {
    auto since = *Version::parse(row.release);
    if (since.major() == version->major() && since <= *version)
      return {*Version::parse(row.cuda), release.from};
  }
  return {};
}

/// May a module be loaded that is not to be seen? Containers hide /proc/driver; on a host it is there or no
/// module is loaded, and under WSL the driver is the one of Windows.
bool may_be_hidden(const Observed& seen) {
  auto& loaded = seen.kernel.loaded;
  return !seen.os.wsl && (!looked_and_absent(loaded) || seen.limits.container || seen.root != "/");
}

Driver driver_of(const Observed& seen, const Knowledge& k) {
  Driver driver;
  driver.version = seen.kernel.loaded;
  driver.cuda = cuda_of_jetson(seen.os.jetson);
  auto* libcuda = loaded_library(seen, "libcuda.so.1");
  if (!libcuda || !libcuda->version) return driver;
  if (libcuda->kind == DriverLibrary::Kind::compat) {
    // Equal versions: the package does nothing.
    bool other = !driver.version || *driver.version != *libcuda->version;
    if (auto* package = compat_package_of(*libcuda->version, CompatKind::package, k); package && other)
      driver.compat = {std::string(package->id), {Source::Kind::path, libcuda->path}};
  } else if (libcuda->kind == DriverLibrary::Kind::driver && !driver.version && may_be_hidden(seen)) {
    // The user space tells: it is of the version of the kernel module.
    driver.version = libcuda->version;
  }
  return driver;
}

/// GPUs that are on the bus and belong to others are taken out.
void leave_given(std::vector<Gpu>& gpus, const Observed& seen) {
  std::vector<const PciDevice*> all;
  for (auto& device : seen.pci)
    if (device.is_gpu()) all.push_back(&device);
  std::ranges::sort(all, {}, &PciDevice::address);
  auto given = given_gpus(seen);
  if (gpus.size() != all.size() || given.size() == all.size()) return;
  std::vector<Gpu> left;
  for (size_t i = 0; i < all.size(); i++)
    if (std::ranges::find(given, all[i]) != given.end()) left.push_back(std::move(gpus[i]));
  gpus = std::move(left);
}

}  // namespace

const ForwardCompatRow* compat_package_of(const Version& libcuda, CompatKind kind, const Knowledge& k) {
  auto branch = k.branch_of(libcuda, Machine::Platform::linux);
  if (!branch.in_table) return nullptr;
  auto packages = k.tables().forward_compat;
  auto found = std::ranges::find_if(
      packages, [&](auto& p) { return p.libraries_from_branch == branch.row->id && p.kind == kind; });
  return found == packages.end() ? nullptr : &*found;
}

std::vector<GpuCandidate> boards_of(const PciDevice& device, const std::string& model, const Knowledge& k) {
  auto whole = ids_of(device) + ':' + hex4(device.subsystem_vendor) + ':' + hex4(device.subsystem);
  auto found = find_gpu(k, whole).candidates;
  if (found.size() < 2 || model.empty()) return found;
  std::vector<GpuCandidate> named;
  for (auto& other : find_gpu(k, model).candidates)
    for (auto& candidate : found)
      if (std::ranges::any_of(other.boards, [&](auto* board) {
            return std::ranges::find(candidate.boards, board) != candidate.boards.end();
          }))
        named.push_back(other);
  return named.size() == 1 ? named : found;
}

Gpu gpu_from(const GpuCandidate& candidate, const Source& given) {
  Gpu gpu;
  bool only_capability = candidate.boards.empty() && !candidate.chip;
  gpu.sm = {candidate.sm, only_capability ? given : knowledge_of(candidate)};
  if (only_capability) return gpu;
  gpu.name = {candidate.name, given};
  if (candidate.chip) gpu.chip = {std::string(candidate.chip->id), knowledge_of(candidate)};
  if (auto* board = candidate.board()) gpu.board = {std::string(board->id), knowledge_of(candidate)};
  return gpu;
}

Gpu gpu_named(const std::string& name, const Source& at, const Knowledge& k) {
  auto candidates = find_gpu(k, name).candidates;
  if (candidates.size() != 1) return one_of(candidates, name, at);
  auto gpu = gpu_from(candidates[0], at);
  gpu.name = {name, at};
  return gpu;
}

Machine machine_of(const Observed& seen, const std::map<std::string, std::string>& env, const Knowledge& k) {
  Machine machine;
  machine.origin = "observed";
  machine.gpus = gpus_of(seen, k);
  machine.driver = driver_of(seen, k);
  machine.arch = seen.os.arch;
  machine.glibc = seen.os.glibc;
  machine.wsl = bool(seen.os.wsl);
  // Nobody sees which GPU it is, but a driver is there: a question about a GPU all the same.
  if (machine.gpus.empty() && (machine.driver.version || machine.wsl))
    machine.gpus.push_back({"gpu0", {}, {}, {}, {}});
  for (auto& [name, value] : env)
    if (!name.starts_with("NVIDIA_REQUIRE_")) machine.env[name] = value;
  return machine;
}

Machine machine_as_observed(const Machine& given, const Observed& observed, const Knowledge& k) {
  auto machine = given;
  leave_given(machine.gpus, observed);
  auto& kernel = observed.kernel;
  if (!machine.driver.version && kernel.loaded) machine.driver.version = kernel.loaded;
  auto* libcuda = loaded_library(observed, "libcuda.so.1");
  bool is_compat = libcuda && libcuda->kind == DriverLibrary::Kind::compat;
  if (!is_compat) {
    // One that was found by its path is gone when another libcuda comes first.
    if (machine.driver.compat && machine.driver.compat.from.kind == Source::Kind::path)
      machine.driver.compat = {};
    return machine;
  }
  if (machine.driver.compat || (libcuda->version && kernel.loaded && *libcuda->version == *kernel.loaded))
    return machine;
  std::string package =
      "cuda-compat" + (libcuda->version ? " (" + libcuda->version->text() + ')' : std::string());
  auto kind = is_jetson(observed) ? CompatKind::jetson : CompatKind::package;
  if (libcuda->version)
    if (auto* row = compat_package_of(*libcuda->version, kind, k)) package = row->id;
  machine.driver.compat = {package, {Source::Kind::path, libcuda->path}};
  return machine;
}

}  // namespace cufit
