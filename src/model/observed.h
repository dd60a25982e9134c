// What a machine shows of itself without one driver call: from /proc, /sys, /etc, /dev and files.
// In all of it "absent" (we looked, it is not there) and "unreadable" (we could not look) are different
// answers; a fact that nobody looked for is absent with the source `assumed`.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/version.h"
#include "model/cpu.h"
#include "model/fact.h"

namespace cufit {

/// Operating system and kernel. Source of the first three: /etc/os-release.
struct Os {
  Fact<std::string> id;       ///< "debian", "ubuntu", "rocky"
  Fact<std::string> version;  ///< "12", "24.04"
  Fact<std::string> name;     ///< "Debian GNU/Linux 12 (bookworm)"
  Fact<std::string> kernel;   ///< release as uname(2) gives it: "6.1.0-18-amd64"
  Fact<std::string> arch;     ///< of the programs here: "x86_64", "aarch64", else "machine 40"
  Fact<std::string> libc;     ///< "glibc" or "musl": whose loader /bin/sh asks for
  Fact<Version> glibc;        ///< 2.36; absent under musl
  Fact<bool> secure_boot;     ///< EFI variable SecureBoot, as the kernel takes it
  Fact<std::string> jetson;   ///< L4T release: "R36.4.0" (/etc/nv_tegra_release), absent elsewhere
  Fact<std::string> model;    ///< of a device tree: "NVIDIA Jetson AGX Orin Developer Kit"; absent on PCs
  Fact<std::string> soc;      ///< the chip that a device tree names: "tegra234"; absent on PCs
  Fact<std::string> wsl;      ///< "WSL1" or "WSL2"; absent elsewhere
  bool operator==(const Os&) const = default;
};

/// What the process may use, all cgroups above it counted.
struct Limits {
  Fact<std::string> container;  ///< "docker", "podman", "kubernetes", "lxc", "apptainer", "gvisor", "other"
  Fact<std::string> cgroup;     ///< "v1", "v2", "hybrid"
  Fact<double> cpus;            ///< CPU quota: 2.5; absent: no quota
  Fact<uint64_t> memory;        ///< bytes; absent: no limit
  Fact<uint64_t> oom_kills;     ///< processes that the kernel killed for memory in this cgroup
  Fact<uint64_t> shm;           ///< size of /dev/shm in bytes
  bool operator==(const Limits&) const = default;
};

/// A PCI device of NVIDIA (vendor 10de) that is a display controller or 3D controller (class 03xx), or an
/// NVSwitch (class 0680).
struct PciDevice {
  std::string address;  ///< "0000:3b:00.0"
  uint16_t device = 0;  ///< 0x20b5
  uint16_t subsystem_vendor = 0, subsystem = 0;
  uint32_t class_code = 0;   ///< 0x030200
  Fact<std::string> driver;  ///< kernel module that owns it: "nvidia", "nouveau", "vfio-pci"; absent: none
  Fact<uint64_t> bar1;       ///< bytes of BAR 1; 0: the firmware gave no room
  Fact<bool> lost;           ///< its configuration space reads as ff: it fell off the bus
  /// A display or 3D controller; bridges of NVLink are no GPUs.
  bool is_gpu() const { return class_code >> 16 == 0x03; }
  bool is_nvswitch() const { return class_code >> 8 == 0x0680; }
  bool operator==(const PciDevice&) const = default;
};

/// A GPU as /proc/driver/nvidia/gpus/*/information tells.
struct ProcGpu {
  std::string address;      ///< "0000:3b:00.0"
  Fact<std::string> model;  ///< "NVIDIA A800-SXM4-80GB"
  Fact<std::string> uuid;   ///< "GPU-..."; pseudonym in a redacted recording
  bool excluded = false;    ///< "GPU Excluded: Yes"
  Fact<uint32_t> minor;     ///< N of its node /dev/nvidiaN
  /// Its driver has read its VBIOS. False: nobody has used it since the driver was loaded and there is no
  /// persistence daemon, or it does not start.
  bool started = false;
  bool operator==(const ProcGpu&) const = default;
};

/// The kernel's side of the driver.
struct KernelDriver {
  Fact<Version> loaded;  ///< of the loaded module (/sys/module/nvidia/version, /proc/driver/nvidia/version)
  Fact<std::string> flavour;  ///< "open" or "proprietary" (/proc/driver/nvidia/version)
  std::vector<std::string>
      modules;            ///< loaded ones that matter (collect/kernel_driver.cpp): nvidia_uvm, nouveau, ...
  Fact<Version> on_disk;  ///< of the module that lies on disk for the running kernel
  Fact<std::string> on_disk_path;  ///< "/lib/modules/6.1.0-18-amd64/updates/dkms/nvidia.ko.xz"
  std::vector<std::string>
      other_kernels;                  ///< kernels for which a module lies on disk, the running one left out
  Fact<bool> headers;                 ///< headers of the running kernel are installed (/lib/modules/*/build)
  Fact<std::string> on_disk_flavour;  ///< "open" or "proprietary", by the license that the module states
  Fact<bool> on_disk_signed;  ///< it ends with a signature, of whichever key; absent: packed, not unpacked
  Fact<std::string> blacklisted;          ///< the file in modprobe.d that keeps nvidia from being loaded, or
                                          ///< /proc/cmdline
  Fact<std::string> nouveau_blacklisted;  ///< the same for nouveau
  Fact<uint32_t> node_mode;  ///< permission bits that the driver gives to its nodes (NVreg_DeviceFileMode):
                             ///< 0666; absent: it was told to leave them alone
  /// Numbers under which the kernel knows the driver (/proc/devices): of nvidiactl and the GPUs, of
  /// nvidia-uvm.
  Fact<uint32_t> major, uvm_major;
  Fact<bool> nvlink_off;  ///< it was told to leave NVLink alone (NVreg_NvLinkDisable)
  std::vector<ProcGpu> gpus;
  /// nvidia-modprobe is there and set-user-ID root: libcuda loads nvidia_uvm and makes device nodes by itself
  /// at its first call, so that what is not there yet is no fault.
  Fact<bool> modprobe;
  bool operator==(const KernelDriver&) const = default;
};

/// A device node, and what opening it gave.
struct DeviceNode {
  std::string path;  ///< "/dev/nvidia0", "/dev/nvidiactl", "/dev/nvidia-uvm", "/dev/nvidia-caps/nvidia-cap1",
                     ///< "/dev/dxg"
  uint32_t mode = 0;  ///< permission bits: 0666
  uint32_t uid = 0, gid = 0;
  uint32_t major = 0, minor = 0;
  /// true: open(2) for reading and writing worked. Unreadable: it failed; `why` is the name of the error
  /// ("EPERM": a cgroup forbids it; "EACCES": mode or owner; "ENXIO": no driver; "hangs": it had not come
  /// back in time). Absent: not tried: another root than this machine's, or opening would load a driver or
  /// start a GPU that sleeps.
  Fact<bool> opens;
  bool operator==(const DeviceNode&) const = default;
};

/// A library of the driver on one of the loader's paths, or where distributions hide them.
struct DriverLibrary {
  enum class Kind : uint8_t {
    driver,   ///< a part of the user space of a driver
    stub,     ///< for linking only: calls give error 34
    compat,   ///< of a cuda-compat package
    wsl,      ///< of the Windows driver under WSL: its file tells no version
    foreign,  ///< no part of a driver: no library at all, or one without the functions of its name
    unknown,  ///< none of those could be told
  };
  std::string name;  ///< SONAME: "libcuda.so.1", "libnvidia-ml.so.1", "libnvidia-ptxjitcompiler.so.1"
  std::string path;  ///< where it was found: "/usr/lib/x86_64-linux-gnu/libcuda.so.1"
  std::string real;  ///< behind all links: ".../libcuda.so.535.129.03"
  Kind kind = Kind::driver;
  Fact<Version> version;  ///< by the name of the file, else by its bytes
  std::string
      on;  ///< how a program would come to it: "cache", "default", "LD_LIBRARY_PATH"; empty: it would not
  std::string else_on = {};      ///< where `on` is LD_LIBRARY_PATH: how it would without that variable
  std::string compat_note = {};  ///< what the ELF note of a cuda-compat library says, as text; empty if none
  /// Its file has the name that the loader looks for. Else nobody finds it, wherever it lies: no link of that
  /// name leads to it.
  bool has_its_name() const { return path.ends_with('/' + name); }
  bool operator==(const DriverLibrary&) const = default;
};

/// A CUDA toolkit on disk.
struct Toolkit {
  std::string path;           ///< "/usr/local/cuda-12.4"
  Fact<Version> version;      ///< "12.4.1" by version.json or version.txt, "12.4" by its cuda.h or name
  bool nvcc = false;          ///< holds bin/nvcc
  bool default_link = false;  ///< /usr/local/cuda leads to it
  bool operator==(const Toolkit&) const = default;
};

/// A place where Python packages are installed, found on the machine.
struct FoundEnvironment {
  std::string root;                     ///< "/opt/venv"
  std::string kind;                     ///< "venv", "conda", "uv", "pipx", "pyenv", "system", "user"
  bool active = false;                  ///< VIRTUAL_ENV or CONDA_PREFIX names it
  std::string python;                   ///< "3.12", empty if not known
  std::vector<std::string> frameworks;  ///< what is installed there and uses GPUs: "torch 2.9.1+cu130"
  bool operator==(const FoundEnvironment&) const = default;
};

/// A variable that matters here, and the file that sets it.
struct SetVariable {
  std::string name, value;
  std::string file;  ///< "/etc/environment", "/root/.bashrc"; empty: not seen
  uint32_t line = 0;
  bool operator==(const SetVariable&) const = default;
};

/// A MIG instance that the kernel driver shows (/proc/driver/nvidia/capabilities/gpuN/mig/giM).
struct MigInstance {
  uint32_t gpu = 0, gi = 0;
  std::vector<uint32_t> ci;  ///< compute instances
  bool operator==(const MigInstance&) const = default;
};

/// All of it. `cufit record` writes it.
struct Observed {
  std::string root;  ///< "/" for this machine, else the folder that was taken as the root file system
  Os os;
  Fact<Cpu> cpu;  ///< of /proc/cpuinfo
  Limits limits;
  std::vector<PciDevice> pci;
  Fact<bool> pci_seen;  ///< true: /sys/bus/pci could be listed; absent: it is not there (gVisor, WSL)
  KernelDriver kernel;
  std::vector<DeviceNode> nodes;
  std::vector<MigInstance> mig;
  Fact<bool> fabric_manager;             ///< nv-fabricmanager runs
  Fact<Version> fabric_manager_version;  ///< as its log tells
  std::vector<DriverLibrary> libraries;
  std::vector<std::string> preloads;  ///< of /etc/ld.so.preload, then LD_PRELOAD
  Fact<std::string> sharing;          ///< preload that shares GPUs: "hami" (libvgpu.so), "other"
  std::vector<Toolkit> toolkits;
  /// Active first, then by kind and root; in a recording last those that were named for it.
  std::vector<FoundEnvironment> environments;
  std::vector<SetVariable> variables;
  Fact<std::string> compiler;  ///< "gcc 12.2" of the C compiler on PATH; absent: none
  bool operator==(const Observed&) const = default;
};

/// A Jetson: by its release, or in a container that was not given that file by its chip and the nodes of
/// Tegra's engines.
bool is_jetson(const Observed&);

/// The node of a GPU, "/dev/nvidiaN" by the minor number that the driver tells; null if that is not told or
/// it is not there.
const DeviceNode* node_of_gpu(const Observed&, const PciDevice&);

/// "/dev/nvidia0", "/dev/nvidia1", ...
std::vector<const DeviceNode*> gpu_nodes(const Observed&);

/// The GPUs on the bus that this process was given, by address. Left out are those of others: without a node
/// in a container, not told by the driver that a container sees, or with a node that device rules forbid
/// (EPERM). All of them where nothing would be left: that is a fault and no share.
std::vector<const PciDevice*> given_gpus(const Observed&);

/// How many of them the process can have: fewer where the driver does not tell whose a node is and there are
/// not as many nodes as GPUs. Which ones nobody can tell then.
size_t most_given(const Observed&);

/// The file that a program which names only this SONAME comes to: the first by LD_LIBRARY_PATH, else by
/// ld.so.cache, else in the usual folders. Null: none of those that were found.
const DriverLibrary* loaded_library(const Observed&, std::string_view soname);

}  // namespace cufit
