// GPUs and NVSwitches on the PCI bus, as the kernel lists them: whether a driver is loaded or not.
// /sys/bus/pci/devices: Documentation/ABI/testing/sysfs-bus-pci and Documentation/PCI/sysfs-pci.rst of Linux.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "collect/root.h"
#include "model/observed.h"

namespace cufit::collect {

struct PciBus {
  Fact<bool> seen;                 ///< as Observed::pci_seen
  std::vector<PciDevice> devices;  ///< by address
};
PciBus observe_pci(const Root& root);

/// "0x10de" of a file of sysfs.
std::optional<uint32_t> parse_hex(std::string_view text);

/// The size of BAR 1 in the sense of NVIDIA's driver, the window to the GPU's memory, from the text of
/// `resource`: lines "START END FLAGS" in hex, one for each register. It is the second window: where the
/// first one (the registers) has 64 bits and so takes two lines, as from Hopper on, it stands in the third
/// line. 0: the firmware or the kernel found no room for it. Nothing if the text is none.
std::optional<uint64_t> parse_bar1(std::string_view resource);

/// True for a configuration space that answers nothing but ones: the device is gone from the bus.
bool is_lost(std::string_view config);

}  // namespace cufit::collect
