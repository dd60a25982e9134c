#include "collect/os.h"

#include <gtest/gtest.h>

#include "collect/libc.h"
#include "collect/machine_scratch.h"

namespace cufit::collect {
namespace {

using namespace test;

const std::string kDebian12 = R"x(PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
NAME="Debian GNU/Linux"
VERSION_ID="12"
ID=debian
HOME_URL="https://www.debian.org/"
)x";
const std::string kGlobal = "-8be4df61-93ca-11d2-aa0d-00e098032b8c",
                  kShim = "-605dab50-e046-4300-abb6-3dd810dd8b23", kVariables = "sys/firmware/efi/efivars/";
const std::string kOn("\6\0\0\0\1", 5), kOff("\6\0\0\0\0", 5);

TEST(OperatingSystem, Debian) {
  MachineScratch s;
  s.file("usr/lib/os-release", kDebian12)
      .link("etc/os-release", "../usr/lib/os-release")
      .kernel("6.1.0-18-amd64");
  s.glibc("GNU C Library (Debian GLIBC 2.36-9+deb12u4) stable release version 2.36.\nCopyright");
  auto os = observe_os(s.root());
  EXPECT_EQ(*os.id, "debian");
  EXPECT_EQ(os.id.from, at_path("/etc/os-release"));
  EXPECT_EQ(*os.version, "12");
  EXPECT_EQ(*os.name, "Debian GNU/Linux 12 (bookworm)");
  EXPECT_EQ(*os.kernel, "6.1.0-18-amd64");
  EXPECT_EQ(*os.arch, "x86_64");
  EXPECT_EQ(*os.libc, "glibc");
  EXPECT_EQ(os.glibc->text(), "2.36");
  EXPECT_EQ(os.glibc.from.where, "/usr/lib/x86_64-linux-gnu/libc.so.6");
  EXPECT_TRUE(is_absent(os.jetson));
  EXPECT_TRUE(is_absent(os.wsl));
  EXPECT_TRUE(is_absent(os.secure_boot));
}

TEST(OperatingSystem, OfNothing) {
  MachineScratch s;
  auto os = observe_os(s.root());
  for (auto* f :
       {&os.id, &os.version, &os.name, &os.kernel, &os.arch, &os.libc, &os.jetson, &os.model, &os.wsl}) {
    EXPECT_TRUE(is_absent(*f));
    EXPECT_EQ(f->from.kind, Source::Kind::path) << "we looked";
  }
  EXPECT_TRUE(is_absent(os.glibc));
}

TEST(OperatingSystem, ReleaseFilesAreReadAsAShellDoes) {
  auto value = [](const char* text) { return os_release_value(text, "A"); };
  EXPECT_EQ(value("A=b"), "b");
  EXPECT_EQ(value("# A=c\nAA=x\nXA=y\n A='b c' \n"), "b c");
  EXPECT_EQ(value("A=\"b \\\"c\\\" \\$d\""), "b \"c\" $d");
  EXPECT_EQ(value("A=b\nA=c"), "c");
  EXPECT_EQ(value("A="), "");
  EXPECT_EQ(value("B=b"), std::nullopt);
  EXPECT_EQ(value("A=\"open"), "open");
}

TEST(OperatingSystem, VersionsOfGlibcByItsOwnWords) {
  auto version = [](const char* text) {
    auto v = glibc_version(text);
    return v ? v->text() : "none";
  };
  EXPECT_EQ(version("x GNU C Library (Ubuntu GLIBC 2.39-0ubuntu8.9) stable release version 2.39.\n"), "2.39");
  EXPECT_EQ(version("GNU C Library (GNU libc) stable release version 2.17, by Roland McGrath et al.\n"),
            "2.17");
  EXPECT_EQ(version("GNU C Library stable release version 2.12, by Roland McGrath"), "2.12");
  EXPECT_EQ(version("GNU C Library (GNU libc) development release version 2.39.9000.\n"), "2.39.9000");
  EXPECT_EQ(version("GNU C Library is what this text names. GNU C Library (X) stable release version 2.31."),
            "2.31");
  EXPECT_EQ(version("GLIBC_2.39"), "none") << "a version of symbols is a lower bound";
}

TEST(OperatingSystem, TheLoaderOfTheShellTellsTheLibrary) {
  MachineScratch alpine;
  // gcompat brings glibc's name beside musl's.
  alpine.file("lib/ld-musl-x86_64.so.1", host_program(62, ""))
      .link("lib64/ld-linux-x86-64.so.2", "/lib/libgcompat.so.0");
  alpine.file("lib/libgcompat.so.0", host_program(62, ""));
  alpine.file("bin/busybox", host_program(62, "/lib/ld-musl-x86_64.so.1")).link("bin/sh", "/bin/busybox");
  auto os = observe_os(alpine.root());
  EXPECT_EQ(*os.libc, "musl");
  EXPECT_TRUE(is_absent(os.glibc));

  MachineScratch nix;
  nix.file("nix/store/g/lib/ld-linux-x86-64.so.2", host_program(62, ""));
  nix.file("nix/store/g/lib/libc.so.6", "GNU C Library (GNU libc) stable release version 2.40.");
  nix.file("nix/store/b/bin/bash", host_program(62, "/nix/store/g/lib/ld-linux-x86-64.so.2"));
  nix.link("bin/sh", "/nix/store/b/bin/bash");
  EXPECT_EQ(observe_os(nix.root()).glibc->text(), "2.40");

  MachineScratch distroless;  // no shell; before 2.34 files carried the version
  distroless.file("lib/x86_64-linux-gnu/ld-2.31.so", host_program(62, ""));
  distroless.link("lib64/ld-linux-x86-64.so.2", "/lib/x86_64-linux-gnu/ld-2.31.so");
  distroless.file("lib/x86_64-linux-gnu/libc-2.31.so", "GNU C Library (D) stable release version 2.31.\n");
  distroless.link("lib/x86_64-linux-gnu/libc.so.6", "libc-2.31.so");
  os = observe_os(distroless.root());
  EXPECT_EQ(os.glibc->text(), "2.31");
  EXPECT_EQ(*os.arch, "x86_64");

  MachineScratch odd;
  odd.file("opt/ld-bionic.so", "").file("bin/sh", host_program(40, "/opt/ld-bionic.so"));
  os = observe_os(odd.root());
  EXPECT_EQ(why(os.libc), kNotUnderstood);
  EXPECT_EQ(*os.arch, "machine 40");

  MachineScratch sections;
  sections.glibc("");
  sections.file("usr/lib/x86_64-linux-gnu/libc.so.6",
                elf({.sections = {{".text", "GNU C Library (X) stable release version 1.0."},
                                  {".rodata", "x GNU C Library (X) stable release version 2.38.\n"}}})
                    .bytes);
  EXPECT_EQ(observe_os(sections.root()).glibc->text(), "2.38");

  MachineScratch stripped;
  stripped.glibc("no words");
  EXPECT_EQ(why(observe_os(stripped.root()).glibc), kNotUnderstood);
}

TEST(OperatingSystem, Jetson) {
  MachineScratch s;
  s.file("etc/nv_tegra_release",
         "# R36 (release), REVISION: 4.0, GCID: 37537400, BOARD: generic, EABI: aarch64, DATE: Fri Sep 13 "
         "04:36:44 UTC 2024\n# KERNEL_VARIANT: oot\nTARGET_USERSPACE_LIB_DIR=nvidia\n");
  s.file("sys/firmware/devicetree/base/model", std::string("NVIDIA Jetson AGX Orin Developer Kit\0", 37));
  s.link("proc/device-tree", "/sys/firmware/devicetree/base");
  s.glibc("GNU C Library (Ubuntu GLIBC 2.35-0ubuntu3.8) stable release version 2.35.\n", 183);
  auto os = observe_os(s.root());
  EXPECT_EQ(*os.jetson, "R36.4.0");
  EXPECT_EQ(*os.model, "NVIDIA Jetson AGX Orin Developer Kit");
  EXPECT_EQ(*os.arch, "aarch64");
  EXPECT_EQ(os.glibc->text(), "2.35");
  EXPECT_EQ(l4t_release("# R32 (release), REVISION: 7.1, GCID: 29818004"), "R32.7.1");
  EXPECT_EQ(l4t_release("R36"), std::nullopt);
  EXPECT_EQ(l4t_release("# R (release), REVISION: , GCID"), std::nullopt);
}

TEST(OperatingSystem, Wsl) {
  EXPECT_EQ(wsl_kernel("5.15.153.1-microsoft-standard-WSL2"), "WSL2");
  EXPECT_EQ(wsl_kernel("4.19.84-microsoft-standard"), "WSL2");
  EXPECT_EQ(wsl_kernel("4.4.0-19041-Microsoft"), "WSL1");
  EXPECT_EQ(wsl_kernel("6.8.0-1017-azure"), std::nullopt);
  MachineScratch s;
  s.kernel("6.6.87-mine").file("proc/sys/fs/binfmt_misc/WSLInterop", "enabled\n");
  auto os = observe_os(s.root());
  EXPECT_EQ(*os.wsl, "WSL2");
  EXPECT_EQ(os.wsl.from.where, "/proc/sys/fs/binfmt_misc/WSLInterop");
}

TEST(OperatingSystem, SecureBoot) {
  MachineScratch s;
  auto secure_boot = [&] { return observe_os(s.root()).secure_boot; };
  s.folder("sys/firmware");
  EXPECT_EQ(why(secure_boot()), "masked") << "as Docker does it";
  s.folder("sys/firmware/acpi");
  EXPECT_TRUE(is_absent(secure_boot())) << "a BIOS";
  s.folder(kVariables);
  EXPECT_EQ(why(secure_boot()), "not mounted");
  s.file(kVariables + "SetupMode" + kGlobal, kOff);
  EXPECT_TRUE(is_absent(secure_boot())) << "a firmware without it";
  s.file(kVariables + "SecureBoot" + kGlobal, kOff);
  EXPECT_FALSE(*secure_boot());
  s.file(kVariables + "SecureBoot" + kGlobal, kOn);
  EXPECT_TRUE(*secure_boot());
  s.file(kVariables + "MokSBStateRT" + kShim, kOn);
  EXPECT_FALSE(*secure_boot()) << "mokutil --disable-validation";
  s.file(kVariables + "MokSBStateRT" + kShim, kOff).file(kVariables + "SetupMode" + kGlobal, kOn);
  EXPECT_FALSE(*secure_boot());
  s.file(kVariables + "SecureBoot" + kGlobal, "\1");
  EXPECT_EQ(why(secure_boot()), kNotUnderstood);
}

TEST(OperatingSystem, ThisMachineSaysSomething) {
  auto os = observe_os(Root());
  EXPECT_TRUE(os.kernel);
  EXPECT_TRUE(os.arch);
}

}  // namespace
}  // namespace cufit::collect
