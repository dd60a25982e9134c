#include "collect/kernel_driver.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include "collect/machine_scratch.h"
#include "collect/modprobe.h"
#include "collect/module_files.h"
#include "formats/module_info.h"

namespace cufit::collect {
namespace {

using namespace test;

const std::string kKernel = "6.1.0-18-amd64", kModules = "lib/modules/" + kKernel + '/', kA = "0000:3b:00.0";

KernelDriver driver(const MachineScratch& s) {
  return observe_kernel_driver(s.root(), {kKernel, at_path("/proc/sys/kernel/osrelease")});
}

TEST(KernelDriver, BannersOfAllGenerations) {
  auto banner = [](const std::string& line) {
    auto b =
        parse_banner("NVRM version: " + line + "\nGCC version:  gcc version 12.2.0 (Debian 12.2.0-14) \n");
    return b ? b->version.text() + ' ' + b->flavour : "none";
  };
  EXPECT_EQ(banner("NVIDIA UNIX x86_64 Kernel Module  384.81  Sat Sep  2 02:43:11 PDT 2017"),
            "384.81 proprietary");
  EXPECT_EQ(banner("NVIDIA UNIX x86_64 Kernel Module  535.129.03  Thu Oct 19 18:56:32 UTC 2023"),
            "535.129.03 proprietary");
  EXPECT_EQ(banner("NVIDIA UNIX Open Kernel Module for x86_64  580.159.04  Release Build  (nixbld@)  "),
            "580.159.04 open");
  EXPECT_EQ(banner("NVIDIA UNIX Open Kernel Module for x86_64  610.43.02  Release Build  "
                   "(root@localhost.localdomain)  "
                   "Mon Jun  1 06:02:53 PM CST 2026"),
            "610.43.02 open");
  EXPECT_EQ(banner("NVIDIA UNIX Open Kernel Module for aarch64  540.4.0  Release Build  "
                   "(buildbrain@mobile-u64)  Tue Jan"),
            "540.4.0 open");
  EXPECT_EQ(banner("NVIDIA Linux x86 Kernel Module  1.0-8776  Mon Oct 16 21:56:04 PDT 2006"), "none");
  EXPECT_EQ(banner(""), "none");
  EXPECT_FALSE(parse_banner("GCC version:  gcc version 12.2.0 Kernel Module 1.2"));
}

TEST(KernelDriver, LoadedByProc) {
  MachineScratch s;
  s.loaded(kProprietary535, kA, "NVIDIA A800-SXM4-80GB").file("sys/module/nvidia/version", "535.129.03\n");
  s.file("proc/modules",
         "nvidia_uvm 1540096 0 - Live 0x0000000000000000 (POE)\nnvidia_drm 77824 0 - Loading 0x0 (POE)\n"
         "nvidia 56823808 2 nvidia_uvm,nvidia_drm, Live 0x0000000000000000 (POE)\nnvme 61440 2 - Live 0x0\n");
  s.file("proc/driver/nvidia/params",
         "ResmanDebugLevel: 4294967295\nModifyDeviceFiles: 1\nDeviceFileMode: 432\n");
  auto d = driver(s);
  EXPECT_EQ(d.loaded->text(), "535.129.03");
  EXPECT_EQ(d.loaded.from.where, "/proc/driver/nvidia/version");
  EXPECT_EQ(*d.flavour, "proprietary");
  EXPECT_EQ(d.modules, (std::vector<std::string>{"nvidia", "nvidia_uvm"}));
  EXPECT_EQ(*d.node_mode, 0660u);
  ASSERT_EQ(d.gpus.size(), 1u);
  EXPECT_EQ(d.gpus[0].address, kA);
  EXPECT_EQ(*d.gpus[0].model, "NVIDIA A800-SXM4-80GB");
  EXPECT_EQ(*d.gpus[0].uuid, "GPU-01234567-89ab-cdef-0123-456789abcdef");
  EXPECT_EQ(*d.gpus[0].minor, 0u);
  EXPECT_TRUE(d.gpus[0].started);
  EXPECT_FALSE(d.gpus[0].excluded);
}

TEST(KernelDriver, WhereProcDriverIsHidden) {
  MachineScratch s;
  s.file("sys/module/nvidia/version", "580.65.06\n").file("sys/module/nvidia/taint", "OE\n");
  s.file("sys/module/nvidia_uvm/initstate", "live\n").folder("sys/module/nvme");
  auto d = driver(s);
  EXPECT_EQ(d.loaded->text(), "580.65.06");
  EXPECT_EQ(*d.flavour, "open");
  EXPECT_EQ(d.modules, (std::vector<std::string>{"nvidia", "nvidia_uvm"}));
  s.file("sys/module/nvidia/taint", "POE\n");
  EXPECT_EQ(*driver(s).flavour, "proprietary");
}

TEST(KernelDriver, NotLoadedAndNotUnderstood) {
  MachineScratch s;
  auto d = driver(s);
  EXPECT_TRUE(is_absent(d.loaded) && is_absent(d.flavour) && is_absent(d.on_disk) && is_absent(d.headers));
  EXPECT_TRUE(is_absent(d.blacklisted) && is_absent(d.node_mode));
  EXPECT_TRUE(d.modules.empty() && d.gpus.empty() && d.other_kernels.empty());
  s.file("proc/driver/nvidia/version", std::string(200'000, 'x'));
  EXPECT_EQ(why(driver(s).loaded), "EFBIG") << "something is there";
  s.file("proc/driver/nvidia/version", "NVRM version: who knows\n");
  EXPECT_EQ(why(driver(s).loaded), kNotUnderstood);
  s.file("sys/module/nvidia/version", "580.65.06\n");
  EXPECT_EQ(driver(s).loaded->text(), "580.65.06");
}

TEST(KernelDriver, GpusThatTheDriverHasNotStarted) {
  auto gpu = parse_information("Model: \t\t Unknown\nIRQ:   \t\t 0\nGPU UUID: \t GPU-" + std::string(8, '?') +
                                   '-' + std::string(12, '?') +
                                   "\n"
                                   "Video BIOS: \t ??.??.??.??.??\nDevice Minor: \t 3\nGPU Excluded:\t Yes\n",
                               kA);
  EXPECT_TRUE(is_absent(gpu.model));
  EXPECT_TRUE(is_absent(gpu.uuid));
  EXPECT_FALSE(gpu.started);
  EXPECT_TRUE(gpu.excluded);
  EXPECT_EQ(*gpu.minor, 3u);
  EXPECT_TRUE(parse_information("GPU Blacklisted:\t Yes\n", kA).excluded) << "until R450";
  EXPECT_TRUE(is_absent(parse_information("Device Minor: \t x\n", kA).minor));
}

TEST(KernelDriver, NvlinkTurnedOff) {
  MachineScratch s;
  EXPECT_TRUE(is_absent(driver(s).nvlink_off));
  s.file("proc/driver/nvidia/params", "ModifyDeviceFiles: 1\nNvLinkDisable: 1\n");
  EXPECT_TRUE(*driver(s).nvlink_off);
  s.file("proc/driver/nvidia/params", "NvLinkDisable: 0\n");
  EXPECT_FALSE(*driver(s).nvlink_off);
}

TEST(KernelDriver, NodesThatTheDriverLeavesAlone) {
  EXPECT_EQ(parse_node_mode("ModifyDeviceFiles: 1\nDeviceFileMode: 438\n"), 0666u);
  EXPECT_EQ(parse_node_mode("ModifyDeviceFiles: 0\nDeviceFileMode: 438\n"), std::nullopt);
  EXPECT_EQ(parse_node_mode("DeviceFileMode: 438\n"), std::nullopt);
  EXPECT_EQ(parse_node_mode("ModifyDeviceFiles: 1\nDeviceFileMode: 99999\n"), std::nullopt);
}

TEST(ModuleFiles, OfTheRunningKernelAndOfOthers) {
  MachineScratch s;
  s.file(kModules + "updates/dkms/nvidia-current.ko", kernel_module("535.129.03", "NVIDIA"));
  s.file(kModules + "modules.dep",
         "kernel/drivers/nvme/host/nvme.ko: kernel/x.ko\nupdates/dkms/nvidia-current-uvm.ko: "
         "updates/dkms/nvidia-current.ko\n"
         "updates/dkms/nvidia-current.ko: kernel/drivers/char/ipmi/ipmi_msghandler.ko\n");
  s.link(kModules + "build", "/usr/src/linux-headers-" + kKernel);
  s.file("lib/modules/6.1.0-17-amd64/updates/dkms/nvidia-current.ko", "")
      .file("lib/modules/6.1.0-16-amd64/modules.dep", "");
  auto d = driver(s);
  EXPECT_EQ(*d.on_disk_path, "/lib/modules/6.1.0-18-amd64/updates/dkms/nvidia-current.ko");
  EXPECT_EQ(d.on_disk->text(), "535.129.03");
  EXPECT_EQ(*d.on_disk_flavour, "proprietary");
  EXPECT_EQ(d.other_kernels, std::vector<std::string>{"6.1.0-17-amd64"});
  EXPECT_FALSE(*d.headers) << "the link leads nowhere";
  s.file("usr/src/linux-headers-" + kKernel + "/Makefile", "");
  EXPECT_TRUE(*driver(s).headers);
}

TEST(ModuleFiles, WhatIsListedMustBeThere) {
  MachineScratch s;
  s.file(kModules + "modules.dep", "updates/dkms/nvidia.ko: \n");
  auto d = driver(s);
  EXPECT_TRUE(is_absent(d.on_disk_path));
  EXPECT_TRUE(is_absent(d.on_disk));
  EXPECT_FALSE(*d.headers);
  // Ubuntu's own builds, which depmod was not told of yet.
  s.file(kModules + "kernel/nvidia-580-open/nvidia.ko", kernel_module("580.65.06", "Dual MIT/GPL"));
  d = driver(s);
  EXPECT_EQ(*d.on_disk_path, "/" + kModules + "kernel/nvidia-580-open/nvidia.ko");
  EXPECT_EQ(*d.on_disk_flavour, "open");
  EXPECT_FALSE(*d.on_disk_signed);
  s.file(kModules + "kernel/nvidia-580-open/nvidia.ko",
         kernel_module("580.65.06", "Dual MIT/GPL") + "~Module signature appended~\n");
  EXPECT_TRUE(*driver(s).on_disk_signed);
}

std::string gzip(const std::string& text) {
  std::string out(text.size() + 1000, '\0');
  z_stream z{};
  deflateInit2(&z, 6, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY);
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  z.avail_in = uInt(text.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = uInt(out.size());
  deflate(&z, Z_FINISH);
  out.resize(z.total_out);
  deflateEnd(&z);
  return out;
}

TEST(ModuleFiles, PackedModules) {
  // Larger than the window in which the section is looked for, which then does not begin where a window does.
  std::string large = std::string(3'000'000, 'c') + "\0version=%s\0license=" + std::string(100'000, '\0') +
                      modinfo("570.124.06", "Dual MIT/GPL") + std::string(500'000, 'd');
  auto read = [&](const std::string& name, const std::string& bytes) {
    MachineScratch s;
    s.file(kModules + "updates/dkms/" + name, bytes);
    s.link("var/lib/dkms/nvidia/kernel-" + kKernel + "-x86_64", "570.86.15/" + kKernel + "/x86_64");
    auto d = driver(s);
    return (d.on_disk ? d.on_disk->text() : why(d.on_disk)) + ' ' +
           (d.on_disk_flavour ? *d.on_disk_flavour : why(d.on_disk_flavour));
  };
  EXPECT_EQ(read("nvidia.ko.zst", packed_as(formats::Packing::zstd, large)), "570.124.06 open");
  EXPECT_EQ(read("nvidia.ko.gz", gzip(large)), "570.124.06 open");
  EXPECT_EQ(read("nvidia.ko.zst", packed_as(formats::Packing::zstd, kernel_module("570.124.06", "NVIDIA"))),
            "570.124.06 proprietary");
  // What is not unpacked here: DKMS knows the version, nobody the license.
  EXPECT_EQ(read("nvidia.ko.xz", std::string("\xfd"
                                             "7zXZ\0",
                                             6) +
                                     "..."),
            "570.86.15 xz");
  EXPECT_EQ(read("nvidia.ko.zst", packed_as(formats::Packing::zstd, large).substr(0, 100)),
            "570.86.15 damaged");
  EXPECT_EQ(read("nvidia.ko.zst", packed_as(formats::Packing::zstd, "nothing")), "570.86.15 damaged");
  EXPECT_EQ(read("nvidia.ko.gz", "\x1f\x8b\x08"), "570.86.15 damaged");
  EXPECT_EQ(read("nvidia.ko", "text"), "570.86.15 no module");
  EXPECT_EQ(read("nvidia.ko", ""), "570.86.15 no module");
  EXPECT_EQ(read("nvidia.ko", kernel_module("570.124.06", "GPL v2")),
            "570.124.06 " + std::string(kNotUnderstood));
}

TEST(ModuleFiles, APackedOneIsLeftAloneWhereAllIsKnown) {
  MachineScratch s;
  s.file(kModules + "updates/dkms/nvidia.ko.zst",
         packed_as(formats::Packing::zstd, kernel_module("570.124.06", "NVIDIA")));
  s.link("var/lib/dkms/nvidia/kernel-" + kKernel + "-x86_64", "570.86.15/" + kKernel + "/x86_64");
  s.loaded(kOpen580, kA, "NVIDIA H100");
  auto d = driver(s);
  EXPECT_EQ(d.on_disk->text(), "570.86.15");
  EXPECT_EQ(d.on_disk.from.where, "/var/lib/dkms");
  EXPECT_TRUE(is_absent(d.on_disk_flavour));
}

TEST(ModuleFiles, WhereNixOsHasThem) {
  MachineScratch s;
  s.file("nix/store/m/lib/modules/" + kKernel + "/misc/nvidia.ko",
         kernel_module("580.65.06", "Dual MIT/GPL"));
  s.link("run/booted-system/kernel-modules", "/nix/store/m");
  EXPECT_EQ(*driver(s).on_disk_path,
            "/run/booted-system/kernel-modules/lib/modules/" + kKernel + "/misc/nvidia.ko");
}

TEST(ModuleFiles, Names) {
  for (auto name : {"nvidia.ko", "nvidia.ko.xz", "nvidia.ko.zst", "nvidia-current.ko.xz",
                    "nvidia-tesla-470.ko", "nvidia-legacy-390xx.ko", "nvidia-current-open.ko"})
    EXPECT_TRUE(is_driver_module(name)) << name;
  for (auto name : {"nvidia-uvm.ko", "nvidia-current-drm.ko", "nvidia-current-peermem.ko.xz", "nvidiafb.ko",
                    "nvidia", "nvidia.ko.sig", "i2c-nvidia-gpu.ko", "nvidia-wmi-ec-backlight.ko"})
    EXPECT_FALSE(is_driver_module(name)) << name;
  EXPECT_EQ(module_of_dependencies("a/b.ko: extra/nvidia.ko\nextra/nvidia.ko.xz:\n"), "extra/nvidia.ko.xz");
  EXPECT_EQ(module_of_dependencies("a/b.ko: extra/nvidia.ko"), "");
  EXPECT_EQ(module_of_dependencies(""), "");
}

TEST(Modprobe, WhatKeepsModulesAway) {
  EXPECT_TRUE(keeps_away("# x\nblacklist nouveau\noptions nouveau modeset=0\n", "nouveau"));
  EXPECT_TRUE(keeps_away("  blacklist\t nouveau # why\n", "nouveau"));
  EXPECT_TRUE(keeps_away("install nvidia /bin/false", "nvidia"));
  EXPECT_TRUE(keeps_away("alias nvidia off", "nvidia"));
  EXPECT_TRUE(keeps_away("blacklist nova-core", "nova_core"));
  EXPECT_FALSE(keeps_away("#blacklist nouveau\nblacklist nouveau2\nblacklist nvidia-drm", "nouveau"));
  EXPECT_FALSE(keeps_away("install nvidia modprobe -i nvidia-current $CMDLINE_OPTS", "nvidia"))
      << "Debian's alias";
  EXPECT_FALSE(keeps_away("options nvidia NVreg_DeviceFileMode=0660\nblacklist", "nvidia"));
  EXPECT_TRUE(command_line_keeps_away("quiet rd.driver.blacklist=nouveau splash", "nouveau"));
  EXPECT_TRUE(command_line_keeps_away("modprobe.blacklist=a,nvidia,b", "nvidia"));
  EXPECT_FALSE(command_line_keeps_away("modprobe.blacklist=nvidiafb nvidia", "nvidia"));
}

TEST(Modprobe, FoldersAndPrecedence) {
  MachineScratch s;
  s.file("lib/modprobe.d/blacklist-nvidia.conf", "blacklist nvidia\n")
      .file("lib/modprobe.d/nvidia.txt", "blacklist nouveau\n");
  auto b = observe_blacklists(s.root());
  EXPECT_EQ(*b.nvidia, "/lib/modprobe.d/blacklist-nvidia.conf");
  EXPECT_TRUE(is_absent(b.nouveau)) << "only *.conf is read";
  s.link("etc/modprobe.d/blacklist-nvidia.conf", "/dev/null");
  s.file("etc/modprobe.d/nouveau.conf", "blacklist nouveau\n");
  b = observe_blacklists(s.root());
  EXPECT_TRUE(is_absent(b.nvidia)) << "masked by a file of the same name";
  EXPECT_EQ(*b.nouveau, "/etc/modprobe.d/nouveau.conf");
  s.file("proc/cmdline", "quiet modprobe.blacklist=nvidia\n");
  EXPECT_EQ(*observe_blacklists(s.root()).nvidia, "/proc/cmdline");
}

}  // namespace
}  // namespace cufit::collect
