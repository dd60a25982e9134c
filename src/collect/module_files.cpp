#include "collect/module_files.h"

#include <algorithm>
#include <array>

#include "base/file.h"
#include "base/text.h"
#include "formats/module_info.h"

namespace cufit::collect {
namespace {

/// Where modules are; the last is that of NixOS.
constexpr std::array<const char*, 3> kModules = {"/lib/modules", "/usr/lib/modules",
                                                 "/run/booted-system/kernel-modules/lib/modules"};
constexpr size_t kMaxKernels = 64;
constexpr size_t kDependenciesLimit = 16 << 20;  // 1 MB on desktops

/// Folders below that of a kernel in which drivers are put; for modules that depmod has not been told of.
/// Below "kernel" Ubuntu has a folder for each of its own builds ("nvidia-535-open").
constexpr std::array<const char*, 7> kFolders = {
    "updates/dkms",         "updates", "extra", "extra/nvidia", "weak-updates/nvidia",
    "kernel/drivers/video", "misc"};

std::string modules_of(const Root& root) {
  auto at = std::ranges::find_if(kModules, [&](auto* folder) { return root.has(folder); });
  return at == kModules.end() ? kModules.front() : *at;
}

std::optional<std::string> module_in(const Root& root, const std::string& folder) {
  auto names = root.names(folder);
  if (!names) return std::nullopt;
  auto at = std::ranges::find_if(*names, is_driver_module);
  return at == names->end() ? std::nullopt : std::optional(folder + '/' + *at);
}

/// The module in the folder of a kernel that depmod lists, if it is there, else one in the usual folders.
Fact<std::string> find_module(const Root& root, const std::string& folder) {
  auto dependencies = root.text(folder + "/modules.dep", kDependenciesLimit);
  if (dependencies)
    if (auto path = module_of_dependencies(*dependencies); !path.empty()) {
      auto full = path.starts_with('/') ? path : folder + '/' + path;
      if (root.has(full)) return {full, dependencies.from};
    }
  for (auto* below : kFolders)
    if (auto path = module_in(root, folder + '/' + below)) return {*path, at_path(*path)};
  if (auto builds = root.names(folder + "/kernel"))
    for (auto& name : *builds)
      if (name.starts_with("nvidia"))
        if (auto path = module_in(root, folder + "/kernel/" + name)) return {*path, at_path(*path)};
  return dependencies ? absent<std::string>(dependencies.from.where) : no_value<std::string>(dependencies);
}

/// DKMS links "kernel-RELEASE-ARCH" to "VERSION/RELEASE/ARCH" for what it installed.
std::optional<Version> version_by_dkms(const Root& root, const std::string& kernel) {
  const std::string dkms = "/var/lib/dkms";
  auto packages = root.names(dkms);
  if (!packages) return std::nullopt;
  for (auto& package : *packages) {
    if (!package.starts_with("nvidia") || package.starts_with("nvidia-fs")) continue;
    auto names = root.names(dkms + '/' + package);
    if (!names) continue;
    for (auto& name : *names) {
      if (!name.starts_with("kernel-" + kernel + '-')) continue;
      auto target = root.link(dkms + '/' + package + '/' + name);
      if (!target) continue;
      if (auto v = Version::parse(std::string_view(*target).substr(0, target->find('/')))) return v;
    }
  }
  return std::nullopt;
}

std::optional<std::string> flavour_of_license(std::string_view license) {
  if (license == "NVIDIA") return "proprietary";
  if (license == "Dual MIT/GPL") return "open";
  return std::nullopt;
}

void read_module(const Root& root, const std::string& path, KernelDriver& out) {
  auto real = root.open_path(path);
  auto file = real ? File::open(*real) : fail("not there", path);
  auto is_signed = file ? formats::is_signed_module(*file) : std::nullopt;
  if (is_signed) out.on_disk_signed = {*is_signed, at_path(path)};
  auto info = file ? formats::read_module_info(*file) : std::unexpected(std::string("not readable"));
  if (!info) {
    out.on_disk = unreadable<Version>(info.error(), path);
    out.on_disk_flavour = unreadable<std::string>(info.error(), path);
    return;
  }
  auto version = Version::parse(info->version);
  out.on_disk = version ? Fact<Version>(*version, at_path(path)) : unreadable<Version>(kNotUnderstood, path);
  auto flavour = flavour_of_license(info->license);
  out.on_disk_flavour =
      flavour ? Fact<std::string>(*flavour, at_path(path)) : unreadable<std::string>(kNotUnderstood, path);
}

/// Version and flavour of the module at on_disk_path. A packed module takes up to a tenth of a second to
/// unpack. So where DKMS says its version, and the loaded one tells the flavour that counts, it is left
/// alone.
void observe_on_disk(const Root& root, const std::string& kernel, KernelDriver& out) {
  auto& path = *out.on_disk_path;
  auto by_dkms = version_by_dkms(root, kernel);
  bool packed = !path.ends_with(".ko");
  out.on_disk_flavour = {};  // nobody looked
  if (!by_dkms || !packed || !out.loaded) read_module(root, path, out);
  if (by_dkms && !out.on_disk) out.on_disk = {*by_dkms, at_path("/var/lib/dkms")};
}

/// `build` leads to what a module is built with; a link that leads nowhere is left by every kernel package.
Fact<bool> headers(const Root& root, const std::string& folder) {
  auto makefile = folder + "/build/Makefile";
  if (!root.has(folder)) return absent<bool>(folder);
  auto found = root.look(makefile);
  if (std::holds_alternative<Unreadable>(found.is)) return no_value<bool>(found);
  return {bool(found), at_path(folder + "/build")};
}

}  // namespace

bool is_driver_module(std::string_view name) {
  auto end = name.find(".ko");
  if (end == name.npos) return false;
  auto packing = name.substr(end + 3), module = name.substr(0, end);
  if (!packing.empty() && packing != ".xz" && packing != ".zst" && packing != ".gz") return false;
  if (module == "nvidia") return true;
  // Debian and Ubuntu put the driver's line into the names of all its modules, and the part last:
  // "nvidia-current-uvm", "nvidia-tesla-470-drm", "nvidia-legacy-390xx".
  bool of_line = std::ranges::any_of(std::array{"nvidia-current", "nvidia-tesla", "nvidia-legacy"},
                                     [&](auto* line) { return module.starts_with(line); });
  return of_line && std::ranges::none_of(std::array{"-uvm", "-drm", "-modeset", "-peermem"},
                                         [&](auto* part) { return module.ends_with(part); });
}

std::string module_of_dependencies(std::string_view text) {
  // Looked for by name first: there are thousands of lines.
  for (size_t at = 0; (at = text.find("/nvidia", at)) != text.npos; at++) {
    auto from = text.rfind('\n', at) + 1;  // npos + 1 is 0
    auto line = text.substr(from, text.find('\n', at) - from);
    auto path = line.substr(0, line.find(':'));
    if (at < from + path.size() && is_driver_module(base_name(path))) return std::string(path);
  }
  return {};
}

void observe_module_files(const Root& root, const Fact<std::string>& kernel, KernelDriver& out) {
  auto modules = modules_of(root);
  if (kernel && kernel->find('/') == kernel->npos) {
    auto folder = modules + '/' + *kernel;
    out.on_disk_path = find_module(root, folder);
    out.headers = headers(root, folder);
  } else {
    out.on_disk_path = no_value<std::string>(kernel);
    out.headers = no_value<bool>(kernel);
  }
  out.on_disk = no_value<Version>(out.on_disk_path);
  out.on_disk_flavour = no_value<std::string>(out.on_disk_path);
  if (out.on_disk_path) observe_on_disk(root, *kernel, out);
  auto kernels = root.names(modules);
  if (!kernels) return;
  for (size_t i = 0; i < std::min(kernels->size(), kMaxKernels); i++) {
    auto& name = (*kernels)[i];
    if (!(kernel && name == *kernel) && find_module(root, modules + '/' + name))
      out.other_kernels.push_back(name);
  }
}

}  // namespace cufit::collect
