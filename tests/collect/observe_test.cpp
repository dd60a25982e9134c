// Whole machines.
#include "collect/observe.h"

#include <gtest/gtest.h>
#include <sys/utsname.h>

#include <algorithm>

#include "collect/machine_scratch.h"
#include "collect/observe_software.h"
#include "collect/ordinary_user.h"

namespace cufit::collect {
namespace {

using namespace test;

const std::string kA = "0000:01:00.0";

Observed observed(const MachineScratch& s, const Variables& env = {}) {
  return observe_machine(s.root(), env);
}

std::vector<std::string> paths(const std::vector<DeviceNode>& nodes) {
  std::vector<std::string> paths;
  for (auto& n : nodes) paths.push_back(n.path);
  return paths;
}
using Paths = std::vector<std::string>;

TEST(Observe, DebianWithAProprietaryDriver) {
  MachineScratch s;
  s.file("etc/os-release", "ID=debian\nVERSION_ID=\"12\"\n").kernel("6.1.0-18-amd64");
  s.glibc("GNU C Library (Debian GLIBC 2.36-9) stable release version 2.36.\n");
  s.gpu(kA).driver_of(kA, "nvidia").loaded(kProprietary535, kA, "NVIDIA A100-PCIE-40GB");
  s.file("dev/nvidia0", "").file("dev/nvidiactl", "").file("proc/1/comm", "systemd\n");
  auto o = observed(s);
  EXPECT_EQ(o.root, s.path());
  EXPECT_EQ(*o.os.id, "debian");
  EXPECT_EQ(o.kernel.loaded->text(), "535.129.03");
  EXPECT_EQ(*o.kernel.flavour, "proprietary");
  ASSERT_EQ(o.pci.size(), 1u);
  EXPECT_EQ(*o.pci[0].driver, "nvidia");
  EXPECT_EQ(paths(o.nodes), (Paths{"/dev/nvidia0", "/dev/nvidiactl"}));
  EXPECT_FALSE(*o.fabric_manager);
}

TEST(Observe, UbuntuWithAnOpenDriver) {
  MachineScratch s;
  s.file("etc/os-release", "ID=ubuntu\nVERSION_ID=\"24.04\"\n").kernel("6.8.0-79-generic");
  s.gpu(kA, "0x2b85").driver_of(kA, "nvidia").loaded(kOpen580, kA, "NVIDIA GeForce RTX 5090");
  auto o = observed(s);
  EXPECT_EQ(o.kernel.loaded->text(), "580.65.06");
  EXPECT_EQ(*o.kernel.flavour, "open");
  EXPECT_EQ(*o.kernel.gpus[0].model, "NVIDIA GeForce RTX 5090");
}

TEST(Observe, Wsl2) {
  MachineScratch s;
  s.kernel("5.15.153.1-microsoft-standard-WSL2").file("dev/dxg", "");
  s.file("proc/version",
         "Linux version 5.15.153.1-microsoft-standard-WSL2 (root@941d701f84f1) (gcc) #1 SMP\n");
  auto o = observed(s);
  EXPECT_EQ(*o.os.wsl, "WSL2");
  EXPECT_TRUE(is_absent(o.kernel.loaded));
  EXPECT_TRUE(is_absent(o.pci_seen));
  EXPECT_EQ(paths(o.nodes), Paths{"/dev/dxg"});
  EXPECT_TRUE(is_absent(o.limits.container));
}

TEST(Observe, NouveauHasTheCard) {
  MachineScratch s;
  s.kernel("6.1.0-18-amd64").gpu(kA).driver_of(kA, "nouveau");
  s.file("proc/modules", "nouveau 2433024 1 - Live 0x0000000000000000\nmxm_wmi 16384 1 nouveau, Live 0x0\n");
  auto o = observed(s);
  EXPECT_EQ(*o.pci[0].driver, "nouveau");
  EXPECT_EQ(o.kernel.modules, std::vector<std::string>{"nouveau"});
  EXPECT_TRUE(is_absent(o.kernel.nouveau_blacklisted));
}

TEST(Observe, AModuleOnDiskForAnotherKernelOnly) {
  MachineScratch s;
  s.kernel("6.8.0-80-generic").gpu(kA).folder("lib/modules/6.8.0-80-generic");
  s.file("lib/modules/6.8.0-79-generic/updates/dkms/nvidia.ko.zst", "x");
  auto o = observed(s);
  EXPECT_TRUE(is_absent(o.kernel.on_disk));
  EXPECT_EQ(o.kernel.other_kernels, std::vector<std::string>{"6.8.0-79-generic"});
  EXPECT_FALSE(*o.kernel.headers);
}

TEST(Observe, GvisorHasNoBusAndNoModules) {
  MachineScratch s;
  s.kernel("4.4.0").file("proc/version", "Linux version 4.4.0 #1 SMP Sun Jan 10 15:06:54 PST 2016\n");
  s.file("dev/nvidia0", "").file("dev/nvidiactl", "").file("dev/nvidia-uvm", "");
  auto o = observed(s);
  EXPECT_EQ(*o.limits.container, "gvisor");
  EXPECT_TRUE(is_absent(o.pci_seen));
  EXPECT_EQ(paths(o.nodes), (Paths{"/dev/nvidia0", "/dev/nvidia-uvm", "/dev/nvidiactl"}));
}

TEST(Observe, WithoutAGpuNobodyLooksForTheFabricManager) {
  MachineScratch s;
  s.file("proc/1/comm", "systemd\n").file("proc/2/comm", "nv-fabricmanage\n");
  auto o = observed(s);
  EXPECT_TRUE(is_absent(o.fabric_manager));
  EXPECT_EQ(o.fabric_manager.from.kind, Source::Kind::assumed);
}

TEST(Observe, OfAnEmptyRootNothingIsSeen) {
  MachineScratch s;
  auto o = observed(s);
  EXPECT_TRUE(observe_software(s.root(), {}, "", {}, o).empty());
  for (bool absent : {is_absent(o.os.id), is_absent(o.kernel.loaded), is_absent(o.pci_seen),
                      is_absent(o.limits.cpus), is_absent(o.limits.container), is_absent(o.os.wsl),
                      is_absent(o.os.jetson), is_absent(o.sharing), is_absent(o.compiler)})
    EXPECT_TRUE(absent) << "it was taken from this machine";
  EXPECT_TRUE(o.pci.empty() && o.nodes.empty() && o.libraries.empty() && o.toolkits.empty());
  EXPECT_TRUE(o.environments.empty() && o.preloads.empty() && o.variables.empty() && o.mig.empty());
}

TEST(Observe, WhatMayNotBeReadIsNotAbsent) {
  MachineScratch s;
  s.kernel("6.1.0").folder("lib/modules/6.1.0").gpu(kA).loaded(kOpen580, kA, "NVIDIA H100 PCIe");
  const Paths closed = {"etc/os-release",    "proc/driver/nvidia/version", "proc/self/cgroup",
                        "etc/ld.so.preload", "sys/bus/pci/devices",        "lib/modules/6.1.0"};
  s.file("etc/os-release", "ID=debian\n")
      .file("proc/self/cgroup", "0::/\n")
      .file("etc/ld.so.preload", "/x.so\n");
  s.file("proc/self/mountinfo", "31 23 0:28 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
  fs::permissions(s.path(), fs::perms(0755));
  for (auto& name : closed) fs::permissions(s.path(name), fs::perms::none);
  {
    OrdinaryUser user;
    if (!user) GTEST_SKIP() << kStaysRoot;
    auto o = observed(s);
    observe_software(s.root(), {}, "", {}, o);
    EXPECT_EQ(why(o.os.id), "EACCES");
    EXPECT_EQ(why(o.kernel.loaded), "EACCES");
    EXPECT_EQ(why(o.limits.memory), "EACCES");
    EXPECT_EQ(why(o.sharing), "EACCES");
    EXPECT_EQ(why(o.pci_seen), "EACCES");
    EXPECT_EQ(why(o.kernel.on_disk), "EACCES");
  }
  for (auto& name : closed) fs::permissions(s.path(name), fs::perms::owner_all);
  auto o = observed(s);
  EXPECT_EQ(*o.os.id, "debian");
  EXPECT_EQ(o.kernel.loaded->text(), "580.65.06");
  EXPECT_TRUE(*o.pci_seen);
  EXPECT_TRUE(is_absent(o.kernel.on_disk));
}

TEST(Observe, ThisMachine) {
  auto o = observe_machine(Root(), {});
  utsname running;
  ASSERT_EQ(uname(&running), 0);
  EXPECT_EQ(o.root, "/");
  EXPECT_EQ(*o.os.kernel, running.release);
  EXPECT_EQ(*o.os.arch, running.machine);
  // Without a GPU none of these is there, and then none may be told.
  for (auto* node : {"/dev/nvidiactl", "/dev/nvidia0", "/dev/nvidia-uvm", "/dev/dxg"})
    EXPECT_EQ(std::ranges::count(paths(o.nodes), node), fs::exists(node)) << node;
  EXPECT_EQ(bool(o.kernel.loaded),
            fs::exists("/proc/driver/nvidia/version") || fs::exists("/sys/module/nvidia/version"));
}

/// Every file that is asked for, as something else.
const std::vector<std::string> kFiles = {
    "etc/os-release",
    "proc/sys/kernel/osrelease",
    "proc/version",
    "proc/modules",
    "proc/cmdline",
    "proc/meminfo",
    "proc/self/mountinfo",
    "proc/self/cgroup",
    "proc/1/environ",
    "proc/1/comm",
    "proc/driver/nvidia/version",
    "proc/driver/nvidia/params",
    "proc/driver/nvidia/gpus/0000:01:00.0/information",
    "proc/device-tree/model",
    "etc/nv_tegra_release",
    "sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c",
    "sys/module/nvidia/version",
    "sys/module/nvidia/taint",
    "sys/bus/pci/devices/0000:01:00.0/vendor",
    "sys/bus/pci/devices/0000:01:00.0/class",
    "sys/bus/pci/devices/0000:01:00.0/resource",
    "sys/bus/pci/devices/0000:01:00.0/config",
    "bin/sh",
    "lib64/ld-linux-x86-64.so.2",
    "lib64/libc.so.6",
    "lib/modules/6.1.0/modules.dep",
    "lib/modules/6.1.0/updates/dkms/nvidia.ko",
    "etc/modprobe.d/a.conf",
    "run/nvidia-fabricmanager/nv-fabricmanager.pid",
    "var/log/fabricmanager.log",
    "dev/nvidia0",
    "dev/nvidiactl"};

TEST(Hostile, AnythingInPlaceOfAnyFile) {
  const std::string garbage = [] {
    std::string s;
    for (uint32_t i = 0, x = 1; i < 5000; i++) s += char((x = x * 1664525 + 1013904223) >> 24);
    return s;
  }();
  const std::vector<std::string> contents = {"",
                                             "\n",
                                             std::string(1, '\0'),
                                             garbage,
                                             std::string(300'000, 'x'),
                                             std::string(300'000, '\n'),
                                             std::string(70'000, ':')};
  for (auto& content : contents) {
    MachineScratch s;
    for (auto& f : kFiles) s.file(f, content);
    auto o = observed(s);
    EXPECT_FALSE(o.kernel.loaded);
    EXPECT_FALSE(o.os.glibc);
    EXPECT_FALSE(o.limits.cpus);
    EXPECT_TRUE(o.pci.empty());
  }
}

TEST(Hostile, FifosLoopsAndLinksOutInPlaceOfAnyFile) {
  MachineScratch fifos, loops, out, folders;
  for (auto& f : kFiles) {
    for (auto* s : {&fifos, &loops, &out}) fs::create_directories(fs::path(s->path(f)).parent_path());
    ASSERT_EQ(mkfifo(fifos.path(f).c_str(), 0666), 0);
    loops.link(f, '/' + f);
    out.link(f, "/proc/self/../../../" + f);
    folders.folder(f);
  }
  auto o = observed(fifos);
  EXPECT_EQ(why(o.os.id), "a FIFO");
  EXPECT_EQ(why(o.kernel.loaded), "a FIFO");
  o = observed(loops);
  EXPECT_EQ(why(o.os.id), "ELOOP");
  EXPECT_EQ(why(o.limits.cgroup), "ELOOP");
  o = observed(out);
  EXPECT_FALSE(o.os.id || o.os.kernel || o.limits.cgroup) << "what is read is in the root";
  o = observed(folders);
  EXPECT_EQ(why(o.os.id), "a folder");
}

TEST(Hostile, FoldersWithoutEnd) {
  MachineScratch s;
  s.folder("many");
  for (size_t i = 0; i <= Root::kMany; i++) std::ofstream(s.path("many/nvidia" + std::to_string(i)));
  for (auto* name : {"dev", "sys/bus/pci/devices", "etc/modprobe.d", "lib/modules", "proc/driver/nvidia/gpus",
                     "proc/driver/nvidia/capabilities", "sys/module", "var/lib/dkms"})
    s.link(name, "/many");
  auto o = observed(s);
  EXPECT_EQ(why(o.pci_seen), "EFBIG");
  EXPECT_TRUE(o.pci.empty() && o.nodes.empty() && o.kernel.gpus.empty());
}

TEST(Hostile, ADeepCgroupIsNotClimbed) {
  MachineScratch s;
  std::string deep;
  for (int i = 0; i < 500; i++) deep += "/a";
  s.folder("sys/fs/cgroup" + deep);
  s.file("proc/self/mountinfo", "31 23 0:28 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
  s.file("proc/self/cgroup", "0::" + deep + "\n");
  EXPECT_EQ(why(observed(s).limits.memory), "cgroup namespace");
}

}  // namespace
}  // namespace cufit::collect
