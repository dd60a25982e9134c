// What other variables make of the libraries that a machine was seen to have.
#include "loader/seen_with.h"

#include <gtest/gtest.h>

#include "loader/settings.h"

namespace cufit {
namespace {

using Env = std::map<std::string, std::string>;

DriverLibrary libcuda(const std::string& path, const std::string& on, const std::string& else_on = {}) {
  DriverLibrary l;
  l.name = "libcuda.so.1";
  l.path = l.real = path;
  l.on = on;
  l.else_on = else_on;
  return l;
}

std::string first(const Observed& seen) {
  auto* found = loaded_library(seen, "libcuda.so.1");
  return found ? found->path + ' ' + found->on : "none";
}

TEST(SeenWith, LibraryPathDecidesWhichComesFirst) {
  Observed seen;
  seen.libraries = {libcuda("/a/libcuda.so.1", "LD_LIBRARY_PATH", "cache"), libcuda("/b/libcuda.so.1", ""),
                    libcuda("/c/libcuda.so.1", "cache"), libcuda("/d/libcuda.so.550.54.14", "")};
  auto with = [&](const char* value) {
    auto other = seen;
    see_with(other, {{"LD_LIBRARY_PATH", "/a"}}, value ? Env{{"LD_LIBRARY_PATH", value}} : Env{});
    return first(other);
  };
  EXPECT_EQ(with("/a"), "/a/libcuda.so.1 LD_LIBRARY_PATH");
  EXPECT_EQ(with(nullptr), "/a/libcuda.so.1 cache");
  EXPECT_EQ(with("/b"), "/b/libcuda.so.1 LD_LIBRARY_PATH");
  EXPECT_EQ(with("/b:/a"), "/b/libcuda.so.1 LD_LIBRARY_PATH");
  EXPECT_EQ(with("/x;/c/:/b"), "/c/libcuda.so.1 LD_LIBRARY_PATH");
  // Neither the working directory nor a folder in which no file has the name.
  EXPECT_EQ(with(":/d:b:$ORIGIN/b"), "/a/libcuda.so.1 cache");
}

TEST(SeenWith, ThereAndBackIsTheSame) {
  Observed seen;
  seen.libraries = {libcuda("/a/libcuda.so.1", "LD_LIBRARY_PATH", "default"), libcuda("/b/libcuda.so.1", "")};
  auto other = seen;
  see_with(other, {{"LD_LIBRARY_PATH", "/a"}}, {{"LD_LIBRARY_PATH", "/b"}});
  EXPECT_NE(other, seen);
  see_with(other, {{"LD_LIBRARY_PATH", "/b"}}, {{"LD_LIBRARY_PATH", "/a"}});
  EXPECT_EQ(other, seen);
}

TEST(SeenWith, PreloadsDecideWhatSharesTheGpus) {
  Observed seen;
  seen.preloads = {"/etc/one.so", "/opt/libvgpu.so"};
  seen.sharing = {"hami", {Source::Kind::path, "LD_PRELOAD"}};
  const Env before = {{"LD_PRELOAD", "/opt/libvgpu.so"}};
  auto without = seen;
  see_with(without, before, {});
  EXPECT_EQ(without.preloads, std::vector<std::string>{"/etc/one.so"});
  EXPECT_TRUE(looked_and_absent(without.sharing));
  see_with(without, {}, {{"LD_PRELOAD", "/x.so /opt/libnvshare.so"}});
  EXPECT_EQ(without.preloads, (std::vector<std::string>{"/etc/one.so", "/x.so", "/opt/libnvshare.so"}));
  EXPECT_EQ(without.sharing, (Fact<std::string>{"other", {Source::Kind::path, "LD_PRELOAD"}}));
  // What the kernel shows no variable takes away.
  seen.sharing = {"other", {Source::Kind::path, "/proc/cgpu_km"}};
  see_with(seen, before, {});
  EXPECT_TRUE(seen.sharing);
}

}  // namespace
}  // namespace cufit
