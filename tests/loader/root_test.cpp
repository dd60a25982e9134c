// The search against the real loader in a root file system of its own: ld.so.cache and ld.so.preload.
#include <gtest/gtest.h>

#include "collect/live_files.h"
#include "formats/ld_cache_writer.h"
#include "loader/compare.h"

namespace cufit {
namespace {

using namespace test;

/// A root with the loader, the C library and a program at /p.
class SmallRoot : public Lab {
 public:
  explicit SmallRoot(const test::Build& program) {
    auto loader = *glibc_loader();
    collect::LiveFiles here;
    folders = here.look(loader)->object->loader->folders;
    copy(loader, loader.substr(1));
    this->program("p", program);
    for (auto& l : loads_of(path("p"), {}, here, settings_here({})))
      if (l.name == "libc.so.6") copy(l.real, l.path.substr(1));
  }
  void cache(const std::string& bytes) const { write("etc/ld.so.cache", bytes); }
  void check(const Case& more, Counts& counts) const {
    Case c = more;
    c.program = "/p";
    c.root = path();
    compare(c, counts);
  }
  std::vector<std::string> folders;  ///< where the loader looks last
};

class Roots : public testing::Test {
 protected:
  void SetUp() override {
    if (!glibc_loader()) GTEST_SKIP() << "NOT TESTED: the loader of this machine is not that of glibc";
    if (!may_chroot()) GTEST_SKIP() << "NOT TESTED: this process may not use another root file system";
  }
  void TearDown() override { std::cout << counts.answers << " answers compared\n"; }
  Counts counts;
};

TEST_F(Roots, CacheBeforeDefaultFolders) {
  SmallRoot r({.needed = {"libz9.so.1", "liba.so"}});
  for (auto folder : {std::string("opt/one"), std::string("opt/two"), r.folders.back().substr(1)})
    r.lib(folder + "/liba.so", {.soname = "liba.so"});
  r.lib(r.folders.back().substr(1) + "/libz9.so.1", {.soname = "libz9.so.1"});
  r.check({}, counts);
  CacheSpec spec{.lines = {{"libz9.so.1", "/opt/gone/libz9.so.1"},
                           {"liba.so", "/opt/two/liba.so", 0xa03},
                           {"liba.so", "/opt/two/liba.so", 0x003},
                           {"liba.so", "/opt/one/liba.so"},
                           {"liba.so", "/opt/two/liba.so"}}};
  for (auto& bytes : {new_cache(spec), old_cache(spec, 8), old_cache(spec)}) {
    r.cache(bytes);
    r.check({}, counts);
  }
}

TEST_F(Roots, CacheEntriesForProcessors) {
  SmallRoot r({.needed = {"liba.so", "libb.so", "libc9.so"}});
  CacheSpec spec{.levels = {"x86-64-v2", "x86-64-v3", "x86-64-v4"}};
  for (std::string name : {"libc9.so", "libb.so", "liba.so"})
    for (std::string level : {"x86-64-v4", "x86-64-v3", "x86-64-v2", ""}) {
      if (name == "libb.so" && level == "x86-64-v3") continue;
      auto file = "opt/" + (level.empty() ? "" : "glibc-hwcaps/" + level + "/") + name;
      r.lib(file, {.soname = name});
      spec.lines.push_back({name, "/" + file, 0x303, 0, level});
    }
  // The order among levels in the file does not count.
  std::swap(spec.lines[0], spec.lines[2]);
  r.cache(new_cache(spec));
  r.check({}, counts);
  r.check({.env = {{"GLIBC_TUNABLES", "glibc.cpu.hwcaps=-AVX"}}}, counts);
  r.cache(old_cache(spec, 8));
  r.check({}, counts);
}

TEST_F(Roots, CacheWhoseExtensionsAreDamaged) {
  SmallRoot r({.needed = {"libb.so", "liba.so"}});
  CacheSpec spec{.levels = {"x86-64-v2"}};
  for (std::string name : {"libb.so", "liba.so"})
    for (std::string level : {"x86-64-v2", ""}) {
      auto file = "opt/" + (level.empty() ? "" : "glibc-hwcaps/" + level + "/") + name;
      r.lib(file, {.soname = name});
      spec.lines.push_back({name, "/" + file, 0x303, 0, level});
    }
  auto good = new_cache(spec);
  size_t directory = load_at<uint32_t>(as_bytes(good).data() + 32);
  std::vector<size_t> damaged{32, 33, 34, 35};
  for (size_t at = directory; at < directory + 24; at++) damaged.push_back(at);
  for (size_t at : damaged)
    for (int bit : {0, 7}) {
      SCOPED_TRACE(std::to_string(bit) + " of " + std::to_string(at - directory));
      auto bytes = good;
      bytes[at] = char(bytes[at] ^ 1 << bit);
      r.cache(bytes);
      r.check({}, counts);
    }
}

TEST_F(Roots, CacheOfMasksForOlderFolders) {
  SmallRoot r({.needed = {"libf.so", "libe.so", "libd.so", "libc9.so", "libb.so", "liba.so"}});
  CacheSpec spec;
  // x86-64, tls, i586 (which counts for 32 bits alone), avx512_1, haswell, xeon_phi.
  std::pair<const char*, uint64_t> masked[] = {
      {"libf.so", uint64_t{1} << 51},  {"libe.so", uint64_t{1} << 50}, {"libd.so", 2},
      {"libc9.so", uint64_t{1} << 63}, {"libb.so", uint64_t{1} << 48}, {"liba.so", 4}};
  for (auto [name, mask] : masked) {
    r.lib(std::string("opt/special/") + name, {.soname = name});
    r.lib(std::string("opt/") + name, {.soname = name});
    spec.lines.push_back({name, std::string("/opt/special/") + name, 0x303, mask});
    spec.lines.push_back({name, std::string("/opt/") + name});
  }
  r.cache(new_cache(spec));
  r.check({}, counts);
}

TEST_F(Roots, NodeflibTakesWhatTheCacheHasElsewhere) {
  SmallRoot r({.needed = {"liba.so"}});
  auto last = r.folders.back();
  r.lib("opt/liba.so", {.needed = {"libc9.so"}, .soname = "liba.so", .nodeflib = true});
  r.lib("opt/libc9.so", {.soname = "libc9.so"});
  r.lib("opt/libe.so", {.needed = {"libd.so"}, .soname = "libe.so", .nodeflib = true});
  r.lib(last.substr(1) + "/sub/libd.so", {.soname = "libd.so"});
  r.cache(new_cache({.lines = {{"libe.so", "/opt/libe.so"},
                               {"libd.so", last + "/sub/libd.so"},
                               {"libc9.so", "/opt/libc9.so"},
                               {"liba.so", "/opt/liba.so"}}}));
  r.check({.opened = {"libe.so", "libd.so"}}, counts);
}

TEST_F(Roots, PreloadFile) {
  SmallRoot r({.needed = {"liba.so"}, .rpath = "/opt"});
  for (auto name : {"liba.so", "libp.so", "libq.so", "libr.so"})
    r.lib(std::string("opt/") + name, {.soname = name});
  r.lib("other/liba-instead.so", {.soname = "liba.so"});
  r.write("etc/ld.so.preload",
          "# first\n/opt/libp.so libgone.so:libq.so # libr.so\n\tlibr.so\n/other/liba-instead.so");
  r.check({}, counts);
  r.check({.env = {{"LD_PRELOAD", "libr.so"}}}, counts);
}

TEST_F(Roots, LdconfigOfThisMachine) {
  std::string ldconfig;
  for (auto path : {"/sbin/ldconfig.real", "/sbin/ldconfig", "/usr/sbin/ldconfig"})
    if (ldconfig.empty() && fs::exists(path)) ldconfig = path;
  if (ldconfig.empty()) GTEST_SKIP() << "NOT TESTED: there is no ldconfig on this machine";
  SmallRoot r({.needed = {"liba.so.1", "libb.so.10", "libb.so.9"}});
  r.write("etc/ld.so.conf", "/opt/one\n/opt/two\n");
  r.lib("opt/two/liba.so.1.0", {.soname = "liba.so.1"});
  r.lib("opt/one/liba.so.1.5", {.soname = "liba.so.1"});
  r.lib("opt/one/glibc-hwcaps/x86-64-v2/liba.so.1.7", {.soname = "liba.so.1"});
  r.lib("opt/two/libb.so.9", {.soname = "libb.so.9"});
  r.lib("opt/one/libb.so.10", {.soname = "libb.so.10"});
  for (std::string format : {"new", "compat", "old"}) {
    SCOPED_TRACE(format);
    auto ran = run({ldconfig, "-r", r.path(), "-c", format}, {{"PATH", "/usr/sbin:/usr/bin:/sbin:/bin"}});
    ASSERT_EQ(ran.status, 0) << ran.err;
    r.check({}, counts);
  }
}

}  // namespace
}  // namespace cufit
