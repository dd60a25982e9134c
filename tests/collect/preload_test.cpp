#include "collect/preload.h"

#include <gtest/gtest.h>

#include "collect/scratch.h"

namespace cufit::collect {
namespace {

using test::Scratch;
using Names = std::vector<std::string>;

TEST(Preload, TheFileComesBeforeTheVariable) {
  Scratch s;
  s.write("etc/ld.so.preload", "/usr/local/vgpu/libvgpu.so\n");
  auto p = find_preloads(Root(s.path()), {{"LD_PRELOAD", "/x/libjemalloc.so.2"}}, {});
  EXPECT_EQ(p.entries, (Names{"/usr/local/vgpu/libvgpu.so", "/x/libjemalloc.so.2"}));
  ASSERT_TRUE(p.sharing);
  EXPECT_EQ(*p.sharing, "hami");
  EXPECT_EQ(p.sharing.from, at_path("/etc/ld.so.preload"));
}

TEST(Preload, WhoShares) {
  Scratch s;
  auto by = [&](const std::string& preload) {
    auto p = find_preloads(Root(s.path()), {{"LD_PRELOAD", preload}}, {});
    return p.sharing ? *p.sharing : "-";
  };
  EXPECT_EQ(by("/k8s-vgpu/lib/nvidia/libvgpu.so.v2.6.1"), "hami");
  EXPECT_EQ(by("/usr/lib/nvshare/libnvshare.so"), "other");
  EXPECT_EQ(by("/kubeshare/library/libgemhook.so.1"), "other");
  EXPECT_EQ(by("/tensor-fusion/libcuda_limiter.so"), "other");
  for (auto* other :
       {"/usr/lib/libvgpu.so.d/x.so", "libvgpu.sox", "libjemalloc.so.2", "/usr/lib/libcuda.so.1", ""})
    EXPECT_EQ(by(other), "-") << other;
}

TEST(Preload, ALibraryInThePlaceOfLibcuda) {
  Scratch s;
  DriverLibrary l;
  l.name = "libcuda.so.1";
  l.path = "/usr/local/nvidia/lib64/libcuda.so.1";
  l.real = "/usr/local/nvidia/lib64/libcuda-control.so";
  EXPECT_FALSE(find_preloads(Root(s.path()), {}, {l}).sharing) << "no program comes to it";
  l.on = "cache";
  EXPECT_EQ(*find_preloads(Root(s.path()), {}, {l}).sharing, "other");
}

TEST(Preload, AbsentAndUnreadableDiffer) {
  Scratch s;
  EXPECT_TRUE(is_absent(find_preloads(Root(s.path()), {}, {}).sharing));
  test::fs::create_directories(s.path("etc/ld.so.preload"));
  auto p = find_preloads(Root(s.path()), {}, {});
  EXPECT_TRUE(std::holds_alternative<Unreadable>(p.sharing.is));
  EXPECT_TRUE(p.entries.empty());
  // A kernel module says it as well.
  test::fs::create_directories(s.path("proc/cgpu_km"));
  EXPECT_EQ(*find_preloads(Root(s.path()), {}, {}).sharing, "other");
}

}  // namespace
}  // namespace cufit::collect
