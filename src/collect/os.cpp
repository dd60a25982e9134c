#include "collect/os.h"

#include <sys/utsname.h>

#include "base/number.h"
#include "base/text.h"
#include "base/version.h"
#include "collect/libc.h"

namespace cufit::collect {
namespace {

std::string unquoted(std::string_view value) {
  std::string out;
  char quote = 0;
  for (size_t i = 0; i < value.size(); i++) {
    char c = value[i];
    if (c == '\\' && quote != '\'' && i + 1 < value.size()) {
      out += value[++i];
    } else if (quote ? c == quote : c == '"' || c == '\'') {
      quote = quote ? '\0' : c;
    } else {
      out += c;
    }
  }
  return out;
}

/// The first of several places that is there.
Fact<std::string> first_text(const Root& root, std::initializer_list<const char*> paths) {
  Fact<std::string> first;
  for (auto* path : paths) {
    auto text = root.text(path);
    if (!is_absent(text)) return text;
    if (first.from.where.empty()) first = text;
  }
  return first;
}

/// Up to the zero byte at which a text of a device tree ends.
std::optional<std::string> device_tree_text(std::string_view bytes) {
  auto text = trimmed(bytes.substr(0, bytes.find('\0')));
  return text.empty() ? std::nullopt : std::optional<std::string>(text);
}

std::optional<std::string> one_line(std::string_view text) {
  auto line = trimmed(text);
  if (line.empty() || line.find('\n') != line.npos) return std::nullopt;
  return std::string(line);
}

Fact<std::string> observe_kernel(const Root& root) {
  auto release = parsed<std::string>(root.text("/proc/sys/kernel/osrelease"), one_line);
  utsname name;
  if (!release && root.this_machine() && uname(&name) == 0)
    return {name.release, {Source::Kind::call, "uname"}};
  return release;
}

// What the kernel does (drivers/firmware/efi/libstub/secureboot.c): Secure Boot counts unless the firmware is
// in setup mode, or the shim was told not to validate (mokutil --disable-validation).
Fact<bool> observe_secure_boot(const Root& root) {
  const std::string firmware = "/sys/firmware", variables = firmware + "/efi/efivars/",
                    global = "-8be4df61-93ca-11d2-aa0d-00e098032b8c",
                    shim = "-605dab50-e046-4300-abb6-3dd810dd8b23";
  auto read = [&](const std::string& name) { return parsed<bool>(root.text(variables + name), efi_flag); };
  auto on = read("SecureBoot" + global);
  if (is_absent(on)) {
    // Containers get an empty folder instead of the firmware's, and efivarfs need not be mounted.
    auto shown = root.names(firmware);
    if (shown && shown->empty()) return unreadable<bool>("masked", firmware);
    if (root.has(firmware + "/efi") && !root.has(variables + "SetupMode" + global))
      return unreadable<bool>("not mounted", firmware + "/efi/efivars");
    return on;  // a BIOS, or a firmware without Secure Boot
  }
  if (!on || !*on) return on;
  for (auto& name : {"SetupMode" + global, "MokSBStateRT" + shim})
    if (auto off = read(name); off && *off) return {false, off.from};
  return on;
}

/// Sub-systems of Windows by the name of the kernel, else by what they mount.
Fact<std::string> observe_wsl(const Root& root, const Fact<std::string>& kernel) {
  if (kernel)
    if (auto by_name = wsl_kernel(*kernel)) return {*by_name, kernel.from};
  // A kernel that the user built; only WSL 2 runs those.
  for (auto* path : {"/proc/sys/fs/binfmt_misc/WSLInterop", "/proc/sys/fs/binfmt_misc/WSLInterop-late",
                     "/run/WSL", "/dev/dxg"})
    if (root.has(path)) return {"WSL2", at_path(path)};
  return kernel ? absent<std::string>(kernel.from.where) : no_value<std::string>(kernel);
}

Fact<std::string> observe_soc(const Root& root) {
  auto text = root.text("/proc/device-tree/compatible");
  if (!text) return no_value<std::string>(text);
  auto soc = tegra_of(*text);
  return soc ? Fact<std::string>(*soc, text.from) : absent<std::string>(text.from.where);
}

}  // namespace

std::optional<std::string> os_release_value(std::string_view text, std::string_view name) {
  std::optional<std::string> value;
  for (auto line : split(text, '\n')) {
    line = trimmed(line);
    if (line.starts_with(name) && line.substr(name.size()).starts_with('='))
      value = unquoted(line.substr(name.size() + 1));  // as in a shell, the last one counts
  }
  return value;
}

std::optional<std::string> l4t_release(std::string_view text) {
  auto line = text.substr(0, text.find('\n'));
  auto major = line.find(" R"), revision = line.find("REVISION:");
  if (!line.starts_with('#') || major == line.npos || revision == line.npos) return std::nullopt;
  auto a = digits_and_dots(line.substr(major + 2)), b = digits_and_dots(trimmed(line.substr(revision + 9)));
  if (a.empty() || b.empty()) return std::nullopt;
  return "R" + std::string(a) + "." + std::string(b);
}

std::optional<std::string> tegra_of(std::string_view compatible) {
  constexpr std::string_view kVendor = "nvidia,tegra";
  for (auto name : split(compatible, '\0')) {
    if (!name.starts_with(kVendor)) continue;
    auto number = name.substr(kVendor.size());
    if (all_digits(number)) return "tegra" + std::string(number);
  }
  return std::nullopt;
}

std::optional<std::string> wsl_kernel(std::string_view release) {
  if (release.find("WSL2") != release.npos || release.find("microsoft-standard") != release.npos)
    return "WSL2";
  if (release.find("-Microsoft") != release.npos) return "WSL1";
  return std::nullopt;
}

std::optional<bool> efi_flag(std::string_view bytes) {
  constexpr size_t kAttributes = 4;
  if (bytes.size() != kAttributes + 1) return std::nullopt;
  return bytes[kAttributes] == 1;
}

Os observe_os(const Root& root) {
  Os os;
  auto release = first_text(root, {"/etc/os-release", "/usr/lib/os-release"});
  auto value = [&](const char* name) {
    if (!release) return no_value<std::string>(release);
    auto v = os_release_value(*release, name);
    return v && !v->empty() ? Fact<std::string>(*v, release.from) : absent<std::string>(release.from.where);
  };
  os.id = value("ID");
  os.version = value("VERSION_ID");
  os.name = value("PRETTY_NAME");
  os.kernel = observe_kernel(root);
  auto user_space = observe_libc(root);
  os.arch = user_space.arch;
  os.libc = user_space.libc;
  os.glibc = user_space.glibc;
  os.secure_boot = observe_secure_boot(root);
  os.jetson = parsed<std::string>(root.text("/etc/nv_tegra_release"), l4t_release);
  os.model = parsed<std::string>(root.text("/proc/device-tree/model"), device_tree_text);
  os.soc = observe_soc(root);
  os.wsl = observe_wsl(root, os.kernel);
  return os;
}

}  // namespace cufit::collect
