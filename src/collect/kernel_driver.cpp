#include "collect/kernel_driver.h"

#include <algorithm>
#include <array>

#include "base/number.h"
#include "base/text.h"
#include "collect/guarded.h"
#include "collect/modprobe.h"
#include "collect/module_files.h"

namespace cufit::collect {
namespace {

constexpr const char* kGpus = "/proc/driver/nvidia/gpus";

/// "Model: \t\t NVIDIA H200" -> "NVIDIA H200"; the part behind the first colon of the line that begins so.
std::optional<std::string_view> field(std::string_view text, std::string_view name) {
  for (auto line : split(text, '\n'))
    if (line.starts_with(name) && line.substr(name.size()).starts_with(':'))
      return trimmed(line.substr(name.size() + 1));
  return std::nullopt;
}

std::optional<Version> version_line(std::string_view text) { return Version::parse(trimmed(text)); }

/// What taints the kernel by this module: "POE" or "OE" (Documentation/admin-guide/tainted-kernels.rst). P:
/// its license is proprietary.
std::optional<std::string> flavour_of_taint(std::string_view text) {
  return text.find('P') != text.npos ? "proprietary" : "open";
}

void observe_loaded(const Root& root, KernelDriver& out) {
  auto banner = parsed<DriverBanner>(root.text("/proc/driver/nvidia/version"), parse_banner);
  if (banner) {
    out.loaded = {banner->version, banner.from};
    out.flavour = {banner->flavour, banner.from};
    return;
  }
  // Where containers hide /proc/driver, sysfs still shows the kernel's modules.
  out.loaded = parsed<Version>(root.text("/sys/module/nvidia/version"), version_line);
  if (is_absent(out.loaded)) {
    if (!is_absent(banner)) out.loaded = no_value<Version>(banner);  // there is one, of whatever version
    out.flavour = no_value<std::string>(banner);
    return;
  }
  out.flavour = parsed<std::string>(root.text("/sys/module/nvidia/taint"), flavour_of_taint);
}

/// By /proc/modules; where that is hidden, by /sys/module, which also lists what is built in and has
/// parameters.
std::vector<std::string> loaded_modules(const Root& root) {
  std::vector<std::string> names;
  constexpr size_t kLimit = 1 << 20;
  if (auto text = root.text("/proc/modules", kLimit))
    names = parse_modules(*text);
  else if (auto folders = root.names("/sys/module"))
    names = *folders;
  std::erase_if(names, [](auto& name) { return !matters(name); });
  std::ranges::sort(names);
  return names;
}

/// The driver answers these reads itself and takes the GPU's lock for it.
std::vector<ProcGpu> observe_gpus(const Root& root) {
  std::vector<ProcGpu> gpus;
  auto addresses = root.names(kGpus, 256);
  if (!addresses || addresses->empty()) return gpus;
  auto path = [](const std::string& address) { return std::string(kGpus) + '/' + address + "/information"; };
  auto heard = in_child([&](const Tell& tell) {
    for (auto& address : *addresses) {
      auto text = root.text(path(address), 4096);
      auto* why = std::get_if<Unreadable>(&text.is);
      tell(text ? "+" + *text : why ? "-" + why->why : "-ENOENT");
    }
  });
  for (size_t i = 0; i < addresses->size(); i++) {
    auto& address = (*addresses)[i];
    auto answer = i < heard.messages.size() ? heard.messages[i] : "-" + why_unheard(heard, i);
    if (answer.starts_with('+')) {
      gpus.push_back(parse_information(std::string_view(answer).substr(1), address));
    } else {
      auto& gpu = gpus.emplace_back(ProcGpu{.address = address, .model = {}, .uuid = {}, .minor = {}});
      gpu.model = unreadable<std::string>(answer.substr(1), path(address));
      gpu.uuid = gpu.model;
      gpu.minor = no_value<uint32_t>(gpu.model);
    }
  }
  return gpus;
}

/// The helper that libcuda and NVML start to load modules and to make nodes; without set-user-ID root it can
/// do neither for ordinary users.
Fact<bool> observe_modprobe(const Root& root) {
  auto path = "/usr/bin/nvidia-modprobe";
  auto found = root.look(path);
  if (!found) return no_value<bool>(found);
  return {found->st_uid == 0 && (found->st_mode & S_ISUID) != 0, found.from};
}

}  // namespace

std::optional<DriverBanner> parse_banner(std::string_view text) {
  auto line = text.substr(0, text.find('\n'));
  if (!line.starts_with("NVRM version:")) return std::nullopt;
  auto name = line.find("Kernel Module");
  if (name == line.npos) return std::nullopt;
  bool open = line.substr(0, name).ends_with("Open ");
  // The first word with a dot that is a version: words before it name the architecture.
  for (auto word : split(line.substr(name), ' '))
    if (word.find('.') != word.npos)
      if (auto v = Version::parse(word)) return DriverBanner{*v, open ? "open" : "proprietary"};
  return std::nullopt;
}

std::vector<std::string> parse_modules(std::string_view text) {
  std::vector<std::string> names;
  for (auto line : split(text, '\n')) {
    // name size users used-by state address
    auto fields = split(line, ' ');
    if (fields.size() >= 5 && fields[4] == "Live") names.emplace_back(fields[0]);
  }
  return names;
}

bool matters(std::string_view module) {
  static constexpr std::array<std::string_view, 10> others = {
      "nouveau", "nova_core", "nova_drm", "nvgpu",    "nv_peer_mem",
      "gdrdrv",  "vfio_pci",  "dxgkrnl",  "nvidiafb", "nvmap"};
  return module == "nvidia" || module.starts_with("nvidia_") ||
         std::ranges::find(others, module) != others.end();
}

ProcGpu parse_information(std::string_view text, const std::string& address) {
  const auto source = std::string(kGpus) + '/' + address + "/information";
  auto known = [&](const char* name) {
    auto value = field(text, name);
    // "Unknown", "GPU-????????-...": the driver has not got so far with this GPU.
    bool says = value && !value->empty() && *value != "Unknown" && value->find('?') == value->npos;
    return says ? Fact<std::string>(std::string(*value), at_path(source)) : absent<std::string>(source);
  };
  ProcGpu gpu;
  gpu.address = address;
  gpu.model = known("Model");
  gpu.uuid = known("GPU UUID");
  gpu.started = bool(known("Video BIOS"));
  for (auto* name : {"GPU Excluded", "GPU Blacklisted"})  // the latter until R450
    if (field(text, name) == "Yes") gpu.excluded = true;
  auto minor = known("Device Minor");
  auto n = minor ? whole_number<uint32_t>(*minor) : std::nullopt;
  gpu.minor = n ? Fact<uint32_t>(*n, minor.from) : absent<uint32_t>(source);
  return gpu;
}

std::optional<uint32_t> parse_node_mode(std::string_view text) {
  auto modifies = field(text, "ModifyDeviceFiles"), mode = field(text, "DeviceFileMode");
  if (modifies != "1" || !mode) return std::nullopt;
  auto n = whole_number<uint32_t>(*mode);
  return n && *n <= 07777 ? n : std::nullopt;
}

std::optional<uint32_t> parse_major(std::string_view text, std::initializer_list<std::string_view> names) {
  // "Character devices:", then lines as in "195 nvidia", then the block devices.
  text = text.substr(0, text.find("Block devices"));
  for (auto line : split(text, '\n')) {
    auto words = trimmed(line);
    auto blank = words.find(' ');
    if (blank == words.npos || std::ranges::find(names, words.substr(blank + 1)) == names.end()) continue;
    if (auto n = whole_number<uint32_t>(words.substr(0, blank))) return n;
  }
  return std::nullopt;
}

KernelDriver observe_kernel_driver(const Root& root, const Fact<std::string>& kernel) {
  KernelDriver out;
  observe_loaded(root, out);
  out.modules = loaded_modules(root);
  out.gpus = observe_gpus(root);
  auto devices = root.text("/proc/devices");
  auto major = [&](std::initializer_list<std::string_view> names) {
    auto n = devices ? parse_major(*devices, names) : std::nullopt;
    return n         ? Fact<uint32_t>(*n, devices.from)
           : devices ? absent<uint32_t>(devices.from.where)
                     : no_value<uint32_t>(devices);
  };
  out.major = major({"nvidia", "nvidia-frontend", "nvidiactl"});
  out.uvm_major = major({"nvidia-uvm"});
  auto params = root.text("/proc/driver/nvidia/params");
  auto mode = params ? parse_node_mode(*params) : std::nullopt;
  out.node_mode = mode ? Fact<uint32_t>(*mode, params.from) : no_value<uint32_t>(params);
  if (params && !mode) out.node_mode = absent<uint32_t>(params.from.where);
  auto off = params ? field(*params, "NvLinkDisable") : std::nullopt;
  out.nvlink_off = off      ? Fact<bool>(*off != "0", params.from)
                   : params ? absent<bool>(params.from.where)
                            : no_value<bool>(params);
  observe_module_files(root, kernel, out);
  auto kept_away = observe_blacklists(root);
  out.blacklisted = kept_away.nvidia;
  out.nouveau_blacklisted = kept_away.nouveau;
  out.modprobe = observe_modprobe(root);
  return out;
}

}  // namespace cufit::collect
