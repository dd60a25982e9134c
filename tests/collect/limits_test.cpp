#include "collect/limits.h"

#include <gtest/gtest.h>
#include <sys/statvfs.h>

#include <tuple>

#include "collect/cgroup.h"
#include "collect/machine_scratch.h"

namespace cufit::collect {
namespace {

using namespace test;

// /proc/self/mountinfo of the kinds of machines.
const std::string kProc = "22 27 0:21 / /proc rw,relatime - proc proc rw\n";
const std::string kV2 =
    kProc +
    "31 23 0:28 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot\n";

std::string v1(const std::string& root) {
  return kProc + "31 23 0:28 / /sys/fs/cgroup ro - tmpfs tmpfs rw,mode=755\n" + "32 31 0:29 " + root +
         " /sys/fs/cgroup/cpu,cpuacct ro master:11 - cgroup cgroup rw,cpu,cpuacct\n" + "35 31 0:32 " + root +
         " /sys/fs/cgroup/memory ro master:14 - cgroup cgroup rw,memory\n";
}

struct Host : MachineScratch {
  Host& process(const std::string& mounts, const std::string& cgroups) {
    file("proc/self/mountinfo", mounts).file("proc/self/cgroup", cgroups);
    return *this;
  }
  Host& value(const std::string& name, const std::string& text) {
    file("sys/fs/cgroup/" + name, text + '\n');
    return *this;
  }
  Limits limits(const Variables& env = {}) const { return observe_limits(root(), env); }
};

TEST(Limits, TheSmallestOfAllParentsInV2) {
  Host s;
  s.process(kV2, "0::/kubepods.slice/pod1.slice/c1.scope\n");
  s.value("cgroup.controllers", "cpu memory").value("kubepods.slice/memory.max", "max");
  s.value("kubepods.slice/pod1.slice/cpu.max", "250000 100000")
      .value("kubepods.slice/pod1.slice/memory.max", "17179869184");
  s.value("kubepods.slice/pod1.slice/c1.scope/cpu.max", "400000 100000");
  s.value("kubepods.slice/pod1.slice/c1.scope/memory.max", "34359738368");
  s.value("kubepods.slice/pod1.slice/c1.scope/memory.events",
          "low 0\nhigh 0\nmax 7\noom 2\noom_kill 3\noom_group_kill 0");
  auto l = s.limits();
  EXPECT_EQ(*l.cgroup, "v2");
  EXPECT_EQ(*l.cpus, 2.5);
  EXPECT_EQ(l.cpus.from.where, "/sys/fs/cgroup/kubepods.slice/pod1.slice/cpu.max");
  EXPECT_EQ(*l.memory, 17179869184u);
  EXPECT_EQ(*l.oom_kills, 3u);
  EXPECT_EQ(*l.container, "kubernetes");
}

TEST(Limits, NoLimitIsAbsent) {
  Host s;
  s.process(kV2, "0::/user.slice/session-1.scope\n")
      .value("user.slice/session-1.scope/cpu.max", "max 100000");
  s.value("user.slice/session-1.scope/memory.max", "max");
  auto l = s.limits();
  EXPECT_TRUE(is_absent(l.cpus));
  EXPECT_EQ(l.cpus.from.where, "/sys/fs/cgroup/user.slice/session-1.scope/cpu.max");
  EXPECT_TRUE(is_absent(l.memory));
  EXPECT_TRUE(is_absent(l.oom_kills));
  EXPECT_TRUE(is_absent(l.container));
}

TEST(Limits, ANamespaceOfV2EndsAtItsRoot) {
  Host s;
  s.process(kV2, "0::/\n").value("cpu.max", "150000 100000").value("memory.max", "1073741824");
  s.file(".dockerenv", "");
  auto l = s.limits();
  EXPECT_EQ(*l.cpus, 1.5);
  EXPECT_EQ(*l.memory, 1073741824u);
  EXPECT_EQ(*l.container, "docker");
}

TEST(Limits, DockerWithV1) {
  Host s;
  s.process(v1("/docker/abc"), "5:memory:/docker/abc\n2:cpu,cpuacct:/docker/abc\n0::/\n");
  s.value("cpu,cpuacct/cpu.cfs_quota_us", "50000").value("cpu,cpuacct/cpu.cfs_period_us", "100000");
  s.value("memory/memory.limit_in_bytes", "2147483648");
  s.value("memory/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 1");
  auto l = s.limits();
  EXPECT_EQ(*l.cgroup, "v1");
  EXPECT_EQ(*l.cpus, 0.5);
  EXPECT_EQ(*l.memory, 2147483648u);
  EXPECT_EQ(*l.oom_kills, 1u);
  EXPECT_EQ(*l.container, "docker");
}

TEST(Limits, NestedV1BelowTheMountedFolder) {
  Host s;
  s.process(v1("/docker/abc"), "5:memory:/docker/abc/job/step\n2:cpu,cpuacct:/docker/abc/job/step\n");
  s.value("cpu,cpuacct/cpu.cfs_quota_us", "-1").value("cpu,cpuacct/job/cpu.cfs_quota_us", "300000");
  s.value("cpu,cpuacct/job/cpu.cfs_period_us", "100000").value("cpu,cpuacct/job/step/cpu.cfs_quota_us", "-1");
  s.value("memory/memory.limit_in_bytes", "9223372036854771712")
      .value("memory/job/memory.limit_in_bytes", "4096000");
  s.value("memory/job/step/memory.limit_in_bytes", "9223372036854710272");
  auto l = s.limits();
  EXPECT_EQ(*l.cpus, 3);
  EXPECT_EQ(*l.memory, 4096000u);
  EXPECT_TRUE(is_absent(l.oom_kills));
}

TEST(Limits, HybridTakesEachControllerFromWhereItIs) {
  Host s;
  s.process(v1("/") + "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n",
            "5:memory:/job\n2:cpu,cpuacct:/\n1:name=systemd:/x\n0::/job\n");
  s.value("memory/job/memory.limit_in_bytes", "8192").value("unified/job/memory.max", "4096");
  auto l = s.limits();
  EXPECT_EQ(*l.cgroup, "hybrid");
  EXPECT_EQ(*l.memory, 8192u);
}

TEST(Limits, WhatNamespacesHideIsUnknown) {
  auto memory = [](const std::string& mount_root, const std::string& path) {
    Host s;
    s.process(kProc + "31 23 0:28 " + mount_root + " /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n",
              "0::" + path + '\n');
    s.value("memory.max", "4096");
    return s.limits().memory;
  };
  EXPECT_EQ(*memory("/", "/"), 4096u);
  EXPECT_EQ(why(memory("/../..", "/")), "cgroup namespace") << "the mount is that of the host";
  EXPECT_EQ(why(memory("/", "/../other")), "cgroup namespace");
  EXPECT_EQ(why(memory("/a", "/b")), "cgroup namespace");
  EXPECT_EQ(why(memory("/", "/not/there")), "cgroup namespace");
  EXPECT_EQ(why(memory("/a", "/ab")), "cgroup namespace");
}

TEST(Limits, AParentThatCannotBeReadLeavesTheSmallestOpen) {
  Host s;
  s.process(kV2, "0::/a/b\n")
      .value("a/b/memory.max", "4096")
      .value("a/memory.max", "a lot")
      .value("a/b/cpu.max", "0 0");
  auto l = s.limits();
  EXPECT_EQ(why(l.memory), kNotUnderstood);
  EXPECT_EQ(l.memory.from.where, "/sys/fs/cgroup/a/memory.max");
  EXPECT_EQ(why(l.cpus), kNotUnderstood);
}

TEST(Limits, NamesOfMountsAreUnescaped) {
  auto mounts =
      parse_mounts("1 2 0:3 /a\\040b /c\\134d rw a:1 b:2 - tmpfs tmpfs rw,size=64k\nshort line\n- - - -\n");
  ASSERT_EQ(mounts.size(), 1u);
  EXPECT_EQ(mounts[0], (Mount{"/a b", "/c\\d", "rw", "tmpfs", "rw,size=64k"}));
  EXPECT_EQ(option("rw,size=64k,x", "size"), "64k");
  EXPECT_EQ(option("rw,size=64k,x", "x"), "");
  EXPECT_EQ(option("rw,resize=64k", "size"), std::nullopt);
}

TEST(Limits, SharedMemoryByTheMount) {
  auto shm = [](const std::string& mounts) {
    Host s;
    s.process(kProc + mounts, "").file("proc/meminfo", "MemTotal:       16000000 kB\nMemFree: 1 kB\n");
    return s.limits().shm;
  };
  EXPECT_EQ(*shm("9 8 0:4 / /dev/shm rw - tmpfs shm rw,size=65536k\n"), 64u << 20);
  EXPECT_EQ(
      *shm(
          "9 8 0:4 / /dev/shm rw - tmpfs shm rw,size=65536k\n9 8 0:5 / /dev/shm rw - tmpfs shm rw,size=8g\n"),
      uint64_t{8} << 30)
      << "the later mount covers the other";
  EXPECT_EQ(*shm("9 8 0:4 / /dev/shm rw - tmpfs tmpfs rw,nosuid\n"), uint64_t{8000000} << 10)
      << "half of the memory";
  EXPECT_TRUE(is_absent(shm("")));
  EXPECT_EQ(why(shm("9 8 0:4 / /dev/shm rw - tmpfs shm rw,size=big\n")), kNotUnderstood);
  EXPECT_EQ(parse_size("50%", 1000), 500u);
  EXPECT_EQ(parse_size("99999999999g", 0), std::nullopt);
}

TEST(Limits, KindsOfContainers) {
  auto kind = [](auto build, const Variables& env = {}) {
    Host s;
    s.process(kV2, "0::/\n").value("memory.max", "max");
    build(s);
    auto l = s.limits(env);
    return l.container ? *l.container : "none";
  };
  EXPECT_EQ(kind([](Host&) {}), "none");
  EXPECT_EQ(kind([](Host& s) { s.file("run/.containerenv", "engine=\"podman-4.9.3\"\n"); }), "podman");
  EXPECT_EQ(kind([](Host& s) { s.file(".dockerenv", ""); }, {{"KUBERNETES_SERVICE_HOST", "10.0.0.1"}}),
            "kubernetes");
  EXPECT_EQ(
      kind([](Host& s) { s.folder("run/secrets/kubernetes.io/serviceaccount").link("var/run", "/run"); }),
      "kubernetes");
  EXPECT_EQ(kind([](Host& s) { s.folder(".singularity.d"); }), "apptainer");
  EXPECT_EQ(kind([](Host&) {}, {{"APPTAINER_CONTAINER", "/a.sif"}}), "apptainer");
  EXPECT_EQ(kind([](Host& s) { s.file("proc/1/environ", std::string("A=b\0container=lxc\0", 18)); }), "lxc");
  EXPECT_EQ(kind([](Host& s) { s.file("proc/1/environ", std::string("xcontainer=lxc\0", 15)); }), "none");
  EXPECT_EQ(kind([](Host& s) { s.file("run/systemd/container", "systemd-nspawn\n"); }), "other");
  EXPECT_EQ(kind([](Host& s) { s.file("proc/self/cgroup", "0::/lxc.payload.web/init.scope\n"); }), "lxc");
  EXPECT_EQ(kind([](Host& s) { s.file("proc/self/cgroup", "3:cpu:/system.slice/docker-0a1b.scope\n"); }),
            "docker");
  EXPECT_EQ(kind([](Host& s) { s.file("proc/self/cgroup", "0::/machine.slice/libpod-1f.scope\n"); }),
            "podman");
  EXPECT_EQ(kind([](Host& s) { s.file("proc/self/cgroup", "0::/system.slice/docker.service\n"); }), "none")
      << "the daemon is none itself";
}

TEST(Limits, GvisorByWhatItsKernelSays) {
  EXPECT_TRUE(is_gvisor("Linux version 4.4.0 #1 SMP Sun Jan 10 15:06:54 PST 2016\n"));
  EXPECT_TRUE(is_gvisor("Linux version 4.19.0-gvisor #1 SMP Sun Jan 10 15:06:54 PST 2016\n"));
  EXPECT_FALSE(is_gvisor(
      "Linux version 4.4.0 (kernel@builder) (gcc version 5.2.0) #1 SMP Sun Jan 10 15:06:54 PST 2016\n"));
  EXPECT_FALSE(
      is_gvisor("Linux version 6.1.0-18-amd64 (debian-kernel@lists.debian.org) (gcc-12) #1 SMP 6.1.76-1"));
  Host s;
  s.file("proc/version", "Linux version 4.4.0 #1 SMP Sun Jan 10 15:06:54 PST 2016\n").file(".dockerenv", "");
  auto l = s.limits();
  EXPECT_EQ(*l.container, "gvisor");
  EXPECT_TRUE(is_absent(l.cgroup));
}

TEST(Limits, OfThisMachine) {
  auto l = observe_limits(Root(), {});
  struct statvfs shm;
  if (l.shm && statvfs("/dev/shm", &shm) == 0) {
    EXPECT_EQ(*l.shm, uint64_t{shm.f_blocks} * shm.f_frsize) << "as the kernel counts it";
  }
  EXPECT_TRUE(l.shm || is_absent(l.shm));
  EXPECT_TRUE(!l.cpus || *l.cpus > 0);
  bool pure_v2 = fs::exists("/sys/fs/cgroup/cgroup.controllers");
  EXPECT_EQ(l.cgroup && *l.cgroup == "v2", pure_v2);
}

}  // namespace
}  // namespace cufit::collect
