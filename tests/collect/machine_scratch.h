// Root file systems of machines, made of the files that tell what the machine is. Texts are worded as the
// kernels and drivers word them.
#pragma once

#include <string>
#include <vector>

#include "collect/root.h"
#include "collect/scratch.h"
#include "formats/build.h"

namespace cufit::test {

/// Head of a 64-bit program that asks for a loader; empty: a static one.
inline std::string host_program(uint16_t machine, const std::string& loader) {
  std::string s(
      "\x7f"
      "ELF\2\1\1\0\0\0\0\0\0\0\0\0",
      16);
  append<uint16_t>(s, 3);
  append<uint16_t>(s, machine);
  append<uint32_t>(s, 1);
  append<uint64_t>(s, 0);   // entry
  append<uint64_t>(s, 64);  // program headers
  append<uint64_t>(s, 0);
  append<uint32_t>(s, 0);
  append<uint16_t>(s, 64);
  append<uint16_t>(s, 56);
  append<uint16_t>(s, loader.empty() ? 0 : 1);
  s.append(6, '\0');
  if (loader.empty()) return s;
  append<uint32_t>(s, 3);  // PT_INTERP
  append<uint32_t>(s, 4);
  append<uint64_t>(s, 120);
  append<uint64_t>(s, 0);
  append<uint64_t>(s, 0);
  append<uint64_t>(s, loader.size() + 1);
  append<uint64_t>(s, loader.size() + 1);
  append<uint64_t>(s, 1);
  return s + loader + '\0';
}

class MachineScratch : public Scratch {
 public:
  collect::Root root() const { return collect::Root(path()); }

  MachineScratch& file(const std::string& name, const std::string& text) {
    write(name, text);
    return *this;
  }
  MachineScratch& link(const std::string& name, const std::string& target) {
    fs::create_directories(fs::path(path(name)).parent_path());
    fs::create_symlink(target, path(name));
    return *this;
  }
  MachineScratch& folder(const std::string& name) {
    fs::create_directories(path(name));
    return *this;
  }

  /// A distribution with glibc, its libraries where Debian and Ubuntu have them.
  MachineScratch& glibc(const std::string& banner, uint16_t machine = 62) {
    bool arm = machine == 183;
    std::string libs = arm ? "usr/lib/aarch64-linux-gnu/" : "usr/lib/x86_64-linux-gnu/";
    std::string loader = arm ? "ld-linux-aarch64.so.1" : "ld-linux-x86-64.so.2";
    link("bin", "usr/bin").link("lib", "usr/lib").link("lib64", "usr/lib64");
    link(arm ? "usr/lib/" + loader : "usr/lib64/" + loader,
         arm ? "aarch64-linux-gnu/" + loader : "../lib/x86_64-linux-gnu/" + loader);
    file(libs + loader, host_program(machine, ""));
    file("usr/bin/dash", host_program(machine, (arm ? "/lib/" : "/lib64/") + loader));
    link("usr/bin/sh", "dash");
    return file(libs + "libc.so.6", std::string(5000, 'x') + '\0' + banner + '\0' + std::string(5000, 'y'));
  }
  MachineScratch& kernel(const std::string& release) {
    return file("proc/sys/kernel/osrelease", release + '\n');
  }

  /// A GPU on the bus as the kernel lists it, without a driver.
  MachineScratch& gpu(const std::string& address, const std::string& device = "0x20b5",
                      const std::string& class_code = "0x030200") {
    auto dir = pci(address);
    file(dir + "vendor", "0x10de\n")
        .file(dir + "device", device + '\n')
        .file(dir + "class", class_code + '\n');
    file(dir + "subsystem_vendor", "0x10de\n").file(dir + "subsystem_device", "0x1533\n");
    file(dir + "config", std::string("\xde\x10\xb5\x20", 4) + std::string(252, '\0'));
    return file(dir + "resource",
                "0x00000000f4000000 0x00000000f4ffffff 0x0000000000040200\n"
                "0x0000002000000000 0x0000003fffffffff 0x000000000014220c\n"
                "0x0000000000000000 0x0000000000000000 0x0000000000000000\n"
                "0x0000004000000000 0x0000004001ffffff 0x000000000014220c\n");
  }
  MachineScratch& driver_of(const std::string& address, const std::string& driver) {
    return link(pci(address) + "driver", "../../../../bus/pci/drivers/" + driver);
  }
  static std::string pci(const std::string& address) { return "sys/bus/pci/devices/" + address + '/'; }

  /// The loaded driver and a GPU that it has.
  MachineScratch& loaded(const std::string& version_line, const std::string& address,
                         const std::string& model, const std::string& bios = "92.00.a0.00.05") {
    file("proc/driver/nvidia/version",
         version_line + "\nGCC version:  gcc version 12.2.0 (Debian 12.2.0-14) \n");
    return file(
        "proc/driver/nvidia/gpus/" + address + "/information",
        "Model: \t\t " + model +
            "\nIRQ:   \t\t 41\nGPU UUID: \t GPU-01234567-89ab-cdef-0123-456789abcdef\nVideo BIOS: \t " +
            bios +
            "\nBus Type: \t PCIe\nDMA Size: \t 47 bits\nDMA Mask: \t 0x7fffffffffff\nBus Location: \t " +
            address + "\nDevice Minor: \t 0\nGPU Firmware: \t 535.129.03\nGPU Excluded:\t No\n");
  }
};

/// .modinfo of the driver's module.
inline std::string modinfo(const std::string& version, const std::string& license) {
  auto entry = [](const std::string& text) { return text + '\0'; };
  return entry("firmware=nvidia/" + version + "/gsp_ga10x.bin") + entry("alias=char-major-195-*") +
         entry("version=" + version) + entry("supported=external") + entry("license=" + license) +
         entry("srcversion=06B987C9B8B712FF4E7FB47") + entry("name=nvidia");
}
inline std::string kernel_module(const std::string& version, const std::string& license) {
  // "version=" also stands in strings of its code.
  return elf({.sections = {{".text", std::string(3000, 'c') + "\0version=%s\0"},
                           {".modinfo", modinfo(version, license)}}})
      .bytes;
}

const std::string kProprietary535 =
    "NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.129.03  Thu Oct 19 18:56:32 UTC 2023";
const std::string kOpen580 =
    "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.65.06  Release Build  "
    "(dvs-builder@U22-I3-AF01-10-3)  Sun Jul 27 06:53:39 UTC 2025";

template <class T>
std::string why(const Fact<T>& f) {
  auto* u = std::get_if<Unreadable>(&f.is);
  return u ? u->why : "";
}
}  // namespace cufit::test
