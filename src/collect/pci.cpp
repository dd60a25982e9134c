#include "collect/pci.h"

#include <algorithm>
#include <string>

#include "base/number.h"
#include "base/text.h"
#include "collect/guarded.h"
#include "model/json_numbers.h"

namespace cufit::collect {
namespace {

constexpr const char* kDevices = "/sys/bus/pci/devices";
constexpr uint32_t kNvidia = 0x10de;

std::string folder(const std::string& address) { return std::string(kDevices) + '/' + address + '/'; }

std::optional<uint32_t> value(const Root& root, const std::string& path) {
  auto v = parsed<uint32_t>(root.text(path), parse_hex);
  return v ? std::optional(*v) : std::nullopt;
}

std::optional<PciDevice> device(const Root& root, const std::string& address) {
  auto dir = folder(address);
  if (value(root, dir + "vendor") != kNvidia) return std::nullopt;
  // A virtual function that the host can hand out is no GPU of its own, and what its registers of vendor and
  // device read as is ones (SR-IOV 1.1, 3.4.1.1). In the guest that gets it nothing leads to the physical
  // one.
  if (root.link(dir + "physfn")) return std::nullopt;
  PciDevice d;
  d.address = address;
  d.class_code = value(root, dir + "class").value_or(0);
  if (!d.is_gpu() && !d.is_nvswitch()) return std::nullopt;
  d.device = uint16_t(value(root, dir + "device").value_or(0));
  d.subsystem_vendor = uint16_t(value(root, dir + "subsystem_vendor").value_or(0));
  d.subsystem = uint16_t(value(root, dir + "subsystem_device").value_or(0));
  d.driver = root.link(dir + "driver");
  if (d.driver) d.driver = {std::string(base_name(*d.driver)), d.driver.from};
  d.bar1 = d.is_gpu() ? parsed<uint64_t>(root.text(dir + "resource"), parse_bar1)
                      : absent<uint64_t>(dir + "resource");
  return d;
}

/// Reading the configuration space of a device that sleeps would wake it. The file says "active" for those
/// without power management, too.
bool sleeps(const Root& root, const std::string& address) {
  auto status = root.text(folder(address) + "power/runtime_status");
  return status && trimmed(*status) != "active" && trimmed(*status) != "unsupported";
}

/// Says of each whether its configuration space reads as ones. The kernel asks the device itself, word by
/// word: milliseconds each through a hypervisor. The first word is enough, as 0xffff is no vendor (PCI Local
/// Bus 3.0, 6.2.1).
void mark_lost(const Root& root, std::vector<PciDevice>& devices) {
  constexpr size_t kVendorAndDevice = 4;
  if (devices.empty()) return;
  constexpr std::string_view kLost = "lost", kThere = "there", kNotAsked = "";
  auto heard = in_child([&](const Tell& tell) {
    for (auto& d : devices) {
      if (sleeps(root, d.address)) {
        tell(kNotAsked);
        continue;
      }
      auto config = root.head(folder(d.address) + "config", kVendorAndDevice);
      tell(!config ? kNotAsked : is_lost(*config) ? kLost : kThere);
    }
  });
  for (size_t i = 0; i < devices.size(); i++) {
    auto answer = i < heard.messages.size() ? heard.messages[i] : why_unheard(heard, i);
    if (answer == kNotAsked) continue;
    auto& lost = devices[i].lost;
    lost.from = at_path(folder(devices[i].address) + "config");
    if (answer == kLost || answer == kThere)
      lost.is = answer == kLost;
    else
      lost.is = Unreadable{answer};
  }
}

}  // namespace

std::optional<uint32_t> parse_hex(std::string_view text) {
  text = trimmed(text);
  return text.starts_with("0x") ? whole_number<uint32_t>(text.substr(2), 16) : std::nullopt;
}

std::optional<uint64_t> parse_bar1(std::string_view resource) {
  struct Window {
    uint64_t start = 0, end = 0, flags = 0;
  };
  // include/linux/ioport.h
  constexpr uint64_t kWide = 0x00100000, kUnset = 0x20000000;
  std::array<Window, 3> windows;
  auto lines = split(resource, '\n');
  if (lines.size() < windows.size()) return std::nullopt;
  for (size_t i = 0; i < windows.size(); i++) {
    auto fields = split(lines[i], ' ');
    if (fields.size() != 3) return std::nullopt;
    std::array<uint64_t*, 3> to = {&windows[i].start, &windows[i].end, &windows[i].flags};
    for (size_t f = 0; f < 3; f++) {
      auto n = from_hex(fields[f]);
      if (!n) return std::nullopt;
      *to[f] = *n;
    }
  }
  // Without a first window its width is not known; the second then is where something is.
  bool third = windows[0].flags ? windows[0].flags & kWide : windows[1].flags == 0;
  auto& bar1 = windows[third ? 2 : 1];
  // All zero: no room. Unset: the kernel knows the size and has no place for it.
  if (bar1.flags == 0 || bar1.flags & kUnset || bar1.end <= bar1.start) return 0;
  return bar1.end - bar1.start + 1;
}

bool is_lost(std::string_view config) {
  return config.size() >= 4 && std::ranges::all_of(config, [](char c) { return uint8_t(c) == 0xff; });
}

PciBus observe_pci(const Root& root) {
  PciBus bus;
  auto addresses = root.names(kDevices);
  if (!addresses) {
    bus.seen = no_value<bool>(addresses);
    return bus;
  }
  bus.seen = {true, addresses.from};
  for (auto& address : *addresses)
    if (auto d = device(root, address)) bus.devices.push_back(std::move(*d));
  mark_lost(root, bus.devices);
  return bus;
}

}  // namespace cufit::collect
