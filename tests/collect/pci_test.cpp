#include "collect/pci.h"

#include <gtest/gtest.h>

#include "collect/machine_scratch.h"

namespace cufit::collect {
namespace {

using namespace test;

const std::string kA = "0000:3b:00.0", kB = "0000:86:00.0";

TEST(Pci, GpusWithoutAnyDriver) {
  MachineScratch s;
  s.gpu(kB).gpu(kA, "0x2684", "0x030000").driver_of(kB, "nouveau");
  s.gpu("0000:3b:00.1", "0x22ba", "0x040300");  // its sound
  s.file(s.pci("0000:00:02.0") + "vendor", "0x8086\n").file(s.pci("0000:00:02.0") + "class", "0x030000\n");
  auto bus = observe_pci(s.root());
  EXPECT_TRUE(*bus.seen);
  ASSERT_EQ(bus.devices.size(), 2u);
  auto& d = bus.devices[0];
  EXPECT_EQ(d.address, kA);
  EXPECT_EQ(d.device, 0x2684);
  EXPECT_EQ(d.subsystem_vendor, 0x10de);
  EXPECT_EQ(d.subsystem, 0x1533);
  EXPECT_EQ(d.class_code, 0x030000u);
  EXPECT_TRUE(is_absent(d.driver));
  EXPECT_EQ(*d.bar1, uint64_t{1} << 37);
  EXPECT_FALSE(*d.lost);
  EXPECT_EQ(*bus.devices[1].driver, "nouveau");
}

/// A virtual function: its vendor is in sysfs, its configuration space says ones.
TEST(Pci, VirtualFunctionsAreNoGpus) {
  MachineScratch s;
  s.gpu(kA).gpu(kB).file(s.pci(kB) + "config", std::string(64, '\xff'));
  s.link(s.pci(kB) + "physfn", "../" + kA);
  auto devices = observe_pci(s.root()).devices;
  ASSERT_EQ(devices.size(), 1u);
  EXPECT_EQ(devices[0].address, kA);
}

TEST(Pci, Switches) {
  MachineScratch s;
  s.gpu(kA, "0x22a3", "0x068000");
  auto bus = observe_pci(s.root());
  ASSERT_EQ(bus.devices.size(), 1u);
  EXPECT_TRUE(is_absent(bus.devices[0].bar1));
}

TEST(Pci, NoBusIsNoEmptyBus) {
  MachineScratch s;
  auto bus = observe_pci(s.root());
  EXPECT_TRUE(is_absent(bus.seen));
  EXPECT_EQ(bus.seen.from.where, "/sys/bus/pci/devices");
  s.folder("sys/bus/pci/devices");
  EXPECT_TRUE(*observe_pci(s.root()).seen);
}

TEST(Pci, ALostGpuAnswersOnes) {
  MachineScratch s;
  s.gpu(kA).gpu(kB).file(s.pci(kA) + "config", std::string(64, '\xff'));
  auto devices = observe_pci(s.root()).devices;
  ASSERT_EQ(devices.size(), 2u);
  EXPECT_TRUE(*devices[0].lost);
  EXPECT_EQ(devices[0].lost.from.where, "/" + s.pci(kA) + "config");
  EXPECT_FALSE(*devices[1].lost);
  s.file(s.pci(kA) + "power/runtime_status", "suspended\n");
  EXPECT_FALSE(observe_pci(s.root()).devices[0].lost) << "it is not woken for this";
  s.file(s.pci(kA) + "power/runtime_status", "active\n");
  EXPECT_TRUE(*observe_pci(s.root()).devices[0].lost);
  s.file(s.pci(kA) + "config", std::string("\xde\x10\x84\x26", 4));
  EXPECT_FALSE(*observe_pci(s.root()).devices[0].lost);
  EXPECT_FALSE(is_lost(""));
  EXPECT_FALSE(is_lost("\xff\xff\xff"));
}

TEST(Pci, TheSecondWindow) {
  const std::string none = "0x0000000000000000 0x0000000000000000 0x0000000000000000\n",
                    registers = "0x00000000f4000000 0x00000000f4ffffff 0x0000000000040200\n",
                    wide_registers = "0x0000104002000000 0x0000104002ffffff 0x000000000014220c\n",
                    memory = "0x0000100000000000 0x0000103fffffffff 0x000000000014220c\n",
                    small = "0x0000104000000000 0x0000104001ffffff 0x000000000014220c\n",
                    unset = "0x0000000000000000 0x0000000fffffffff 0x000000002014220c\n";
  // As an H200 has it: three windows of 64 bits.
  EXPECT_EQ(parse_bar1(wide_registers + none + memory + none + small), uint64_t{256} << 30);
  EXPECT_EQ(parse_bar1(registers + memory + none + small), uint64_t{256} << 30);
  EXPECT_EQ(parse_bar1(registers + none + none + small), 0u) << "the firmware gave no room";
  EXPECT_EQ(parse_bar1(registers + unset + none + small), 0u) << "the kernel found none";
  EXPECT_EQ(parse_bar1(wide_registers + none + none + none + small), 0u);
  EXPECT_EQ(parse_bar1(none + none + none + none), 0u);
  EXPECT_EQ(parse_bar1(none + none + memory + none), uint64_t{256} << 30);
  EXPECT_EQ(parse_bar1(registers), std::nullopt);
  EXPECT_EQ(parse_bar1("a b c\nd e f\ng h i\n"), std::nullopt);
}

TEST(Pci, DamagedFilesLeaveTheRest) {
  MachineScratch s;
  s.gpu(kA).file(s.pci(kA) + "resource", "garbage").file(s.pci(kA) + "device", std::string(100'000, '0'));
  fs::remove(s.path(s.pci(kA) + "config"));
  auto bus = observe_pci(s.root());
  ASSERT_EQ(bus.devices.size(), 1u);
  EXPECT_EQ(bus.devices[0].device, 0);
  EXPECT_EQ(why(bus.devices[0].bar1), kNotUnderstood);
  EXPECT_EQ(parse_hex("0x10de\n"), 0x10deu);
  EXPECT_EQ(parse_hex("10de"), std::nullopt);
  EXPECT_EQ(parse_hex("0x1ffffffff"), std::nullopt);
}

}  // namespace
}  // namespace cufit::collect
