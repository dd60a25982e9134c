// MachineView: what the conditions of causes ask about a machine, answered once.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "judge/causes.h"

namespace cufit {

class MachineView {
 public:
  explicit MachineView(const CauseFacts&);

  const CauseFacts& facts;
  const Observed& observed;
  bool wsl = false;     ///< Linux under Windows: no device nodes, no module, libcuda comes from Windows
  bool jetson = false;  ///< the driver is part of the system, with nodes of its own
  bool container = false;
  bool live = false;  ///< the facts are those of a running system, not of a folder that holds one

  /// Is the kernel module loaded?
  Answer module_loaded() const;
  /// GPUs on the PCI bus that this process was given, by address; NVSwitches left out.
  const std::vector<const PciDevice*>& gpus() const { return gpus_; }
  std::vector<const PciDevice*> gpus_where(const std::function<bool(const PciDevice&)>&) const;
  bool has_nvswitch() const;
  /// Nothing shows a GPU of NVIDIA or a trace of its driver. Where the PCI bus cannot be listed there may be
  /// one all the same.
  bool shows_no_gpu() const;
  /// The same, and the bus was listed.
  bool without_gpu() const { return shows_no_gpu() && observed.pci_seen && *observed.pci_seen; }
  /// The GPUs of the machine that these devices are; nothing if nobody can tell. All of them: the empty list.
  std::optional<std::vector<GpuId>> gpus_at(const std::vector<const PciDevice*>&) const;

  /// The GPU of the machine that CUDA or NVML tells of; nothing if nobody can tell.
  std::optional<GpuId> gpu_of(const CudaGpu&) const;
  std::optional<GpuId> gpu_of(const NvmlGpu&) const;

  const DeviceNode* node(std::string_view path) const;
  std::vector<const DeviceNode*> gpu_nodes() const { return cufit::gpu_nodes(observed); }

  const DriverLibrary* loaded(std::string_view soname) const { return loaded_library(observed, soname); }
  /// One that lies where the loader does not look.
  const DriverLibrary* hidden(std::string_view soname) const;
  /// One to which no link of its SONAME leads.
  const DriverLibrary* unlinked(std::string_view soname) const;
  /// Is the user space of a driver there, or a module for any kernel?
  bool driver_is_installed() const;
  /// Empty if the variable is not set.
  std::string variable(const std::string& name) const;
  bool is_set(const std::string& name) const;

 private:
  std::optional<GpuId> gpu_at(const Fact<std::string>& address) const;
  std::optional<GpuId> gpu_numbered(size_t index, size_t told) const;
  std::vector<const PciDevice*> gpus_;
};

/// The name of the error with which opening the node failed; empty if it opened or nobody tried.
std::string open_error(const DeviceNode*);

/// A cause on these devices alone. Where nobody can tell which GPUs of the machine they are, the verdict on
/// each is open.
void place(FoundCause, const MachineView&, const std::vector<const PciDevice*>&,
           std::vector<FoundCause>& out);

/// A cause on the GPU that CUDA tells of (NVML), with the same where nobody can tell which of several it is.
void place(FoundCause, const MachineView&, const CudaGpu&, std::vector<FoundCause>& out);
void place(FoundCause, const MachineView&, const NvmlGpu&, std::vector<FoundCause>& out);

/// "0000:3b:00.0, 0000:5e:00.0".
std::string addresses(const std::vector<const PciDevice*>&);

/// A cause that was found, with the proof.
FoundCause found(const CauseFacts&, std::string_view id, Text what, std::vector<FactRef> facts);
/// One that stops programs.
FoundCause fault(const CauseFacts&, std::string_view id, Stage, int code, Text what,
                 std::vector<FactRef> facts);
/// Nobody can tell whether it is so.
void leave_open(FoundCause&);

}  // namespace cufit
