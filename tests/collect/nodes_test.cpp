#include "collect/nodes.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cerrno>

#include "collect/fabric_manager.h"
#include "collect/kernel_driver.h"
#include "collect/machine_scratch.h"
#include "collect/mig.h"
#include "collect/ordinary_user.h"

namespace cufit::collect {
namespace {

using namespace test;
using Paths = std::vector<std::string>;

TEST(Nodes, OfTheDriverInOrder) {
  MachineScratch s;
  for (auto name :
       {"nvidia10", "nvidia2", "nvidia0", "nvidiactl", "nvidia-uvm", "nvidia-uvm-tools", "nvidia-modeset",
        "null", "nvidia-nvswitch0", "nvidia-nvswitchctl", "dxg", "nvmap", "nvhost-ctrl-gpu", "nvme0",
        "nvidiax", "nvidia-caps/nvidia-cap2", "nvidia-caps/nvidia-cap11", "nvidia-caps/x"})
    s.file(std::string("dev/") + name, "");
  fs::permissions(s.path("dev/nvidia0"), fs::perms(0640));
  s.folder("dev/nvidia7");
  Paths paths;
  auto nodes = observe_nodes(s.root(), {});
  for (auto& n : nodes) {
    paths.push_back(n.path.substr(5));
    EXPECT_TRUE(is_absent(n.opens)) << "nodes of another root are never opened";
  }
  EXPECT_EQ(paths, (Paths{"dxg", "nvhost-ctrl-gpu", "nvidia0", "nvidia2", "nvidia7", "nvidia10",
                          "nvidia-caps/nvidia-cap2", "nvidia-caps/nvidia-cap11", "nvidia-modeset",
                          "nvidia-nvswitch0", "nvidia-nvswitchctl", "nvidia-uvm", "nvidia-uvm-tools",
                          "nvidiactl", "nvmap"}));
  EXPECT_EQ(nodes[2].mode, 0640u);
  EXPECT_EQ(nodes[2].uid, geteuid());
  EXPECT_EQ(nodes[2].major, 0u) << "a plain file";
}

/// A file or a folder in the place of a node opens, and no driver answers.
TEST(Nodes, WhatIsNoDevice) {
  MachineScratch s;
  s.file("dev/nvidiactl", "").folder("dev/nvidia0");
  auto nodes = observe_nodes(s.root(), {});
  ASSERT_EQ(nodes.size(), 2u);
  for (auto& n : nodes) n.path = s.path(n.path.substr(1));
  try_nodes(nodes, {}, [](std::string_view) { return true; });
  for (auto& n : nodes) EXPECT_EQ(why(n.opens), "no device") << n.path;
}

TEST(Nodes, OnlyWhatStartsNothingIsOpened) {
  KernelDriver driver;
  driver.gpus = {parse_information("Device Minor: \t 0\nVideo BIOS: \t 92.00.a0.00.05\n", "0000:01:00.0"),
                 parse_information("Device Minor: \t 1\nVideo BIOS: \t ??.??.??.??.??\n", "0000:02:00.0")};
  auto with = [](std::string_view) { return true; };
  auto without_uvm = [](std::string_view module) { return module != "nvidia_uvm"; };
  auto without = [](std::string_view) { return false; };
  EXPECT_TRUE(may_be_opened("/dev/nvidiactl", driver, with));
  EXPECT_TRUE(may_be_opened("/dev/nvidia0", driver, with));
  EXPECT_FALSE(may_be_opened("/dev/nvidia1", driver, with)) << "it sleeps";
  EXPECT_FALSE(may_be_opened("/dev/nvidia2", driver, with)) << "the driver does not know it";
  EXPECT_FALSE(may_be_opened("/dev/nvidia-uvm", driver, without_uvm));
  EXPECT_TRUE(may_be_opened("/dev/nvidiactl", driver, without_uvm));
  EXPECT_FALSE(may_be_opened("/dev/nvidiactl", driver, without)) << "it would be loaded for this";
  EXPECT_TRUE(may_be_opened("/dev/dxg", driver, without));
  EXPECT_FALSE(may_be_opened("/dev/nvhost-gpu", driver, with));
}

TEST(Nodes, RefusedWithoutOpening) {
  EXPECT_EQ(refused("/dev/null"), 0);
  EXPECT_EQ(refused("/dev/no-such-node"), ENOENT);
}

TEST(Nodes, ModeAndOwnerAreEacces) {
  MachineScratch s;
  s.file("node", "");
  fs::permissions(s.path("node"), fs::perms::owner_read);
  fs::permissions(s.path(), fs::perms(0755));
  OrdinaryUser user;
  if (!user) GTEST_SKIP() << kStaysRoot;
  EXPECT_EQ(refused(s.path("node")), EACCES);
}

TEST(Nodes, EachAnswersForItself) {
  std::vector<DeviceNode> nodes(3);
  nodes[0].path = "/dev/null";
  nodes[1].path = "/dev/no-such-node";
  nodes[2].path = "/dev/zero";
  open_nodes({&nodes[0], &nodes[1], &nodes[2]});
  EXPECT_TRUE(*nodes[0].opens);
  EXPECT_EQ(why(nodes[1].opens), "ENOENT");
  EXPECT_TRUE(*nodes[2].opens);
}

TEST(Nodes, WithoutADriver) {
  MachineScratch s;
  DeviceNode n;
  n.path = s.path("node");
  // No driver has the major number 255 (Linux: Documentation/admin-guide/devices.txt).
  if (mknod(n.path.c_str(), S_IFCHR | 0666, makedev(255, 1)) != 0)
    GTEST_SKIP() << "NOT TESTED: device nodes cannot be made here";
  if (refused(n.path) != 0) GTEST_SKIP() << "NOT TESTED: device nodes do not count here";
  open_nodes({&n});
  EXPECT_EQ(why(n.opens), "ENXIO");
}

TEST(Mig, InstancesOfAllGpus) {
  MachineScratch s;
  const std::string c = "proc/driver/nvidia/capabilities/";
  const std::string access = "DeviceFileMinor: 12\nDeviceFileMode: 292\nDeviceFileModify: 1\n";
  s.file(c + "mig/config", access)
      .file(c + "gpu0/mig/gi1/access", access)
      .file(c + "gpu0/mig/gi1/ci0/access", access);
  s.file(c + "gpu0/mig/gi1/ci1/access", access)
      .file(c + "gpu10/mig/gi9/access", access)
      .folder(c + "gpu1/mig");
  s.file(c + "gpu0/mig/gi13/ci0/access", access).file(c + "gpux/mig/gi1/access", access);
  auto mig = observe_mig(s.root());
  EXPECT_EQ(mig, (std::vector<MigInstance>{{0, 1, {0, 1}}, {0, 13, {0}}, {10, 9, {}}}));
  EXPECT_TRUE(observe_mig(MachineScratch().root()).empty());
}

TEST(FabricManager, RunsOrNot) {
  MachineScratch s;
  auto runs = [&](bool in_container = false) { return observe_fabric_manager(s.root(), in_container).runs; };
  EXPECT_TRUE(is_absent(runs())) << "no /proc";
  s.file("proc/1/comm", "systemd\n")
      .file("proc/42/comm", "bash\n")
      .file("proc/self/comm", "nv-fabricmanage\n");
  EXPECT_TRUE(runs() && !*runs());
  EXPECT_EQ(why(runs(true)), "hidden") << "the host's processes are not among those";
  s.file("proc/97/comm", "nv-fabricmanage\n");
  EXPECT_TRUE(*runs());
  EXPECT_TRUE(*runs(true));
  EXPECT_EQ(runs().from.where, "/proc/97/comm");
  s.file("run/nvidia-fabricmanager/nv-fabricmanager.pid", "97\n");
  EXPECT_EQ(runs().from.where, "/run/nvidia-fabricmanager/nv-fabricmanager.pid");
  s.file("run/nvidia-fabricmanager/nv-fabricmanager.pid", "42\n");
  EXPECT_EQ(runs().from.where, "/proc/97/comm") << "the file is left from before";
  fs::remove_all(s.path("proc/97"));
  EXPECT_FALSE(*runs());
  fs::remove_all(s.path("proc/1"));
  EXPECT_EQ(why(runs()), "hidden") << "/proc with hidepid=2";
}

TEST(FabricManager, VersionByItsLog) {
  EXPECT_EQ(fabric_manager_version("[INFO] [tid 1] Fabric Manager version is : 535.104.05\nx\n"
                                   "[INFO] [tid 2] Fabric Manager version is : 535.129.03\n")
                ->text(),
            "535.129.03");
  EXPECT_EQ(fabric_manager_version("Fabric Manager version is"), std::nullopt);
  EXPECT_EQ(fabric_manager_version(""), std::nullopt);
  MachineScratch s;
  EXPECT_TRUE(is_absent(observe_fabric_manager(s.root(), false).version));
  s.file("var/log/fabricmanager.log", "Fabric Manager version is : 580.65.06\n");
  EXPECT_EQ(observe_fabric_manager(s.root(), false).version->text(), "580.65.06");
}

}  // namespace
}  // namespace cufit::collect
