#include "model/preload.h"

#include <gtest/gtest.h>

namespace cufit {
namespace {

using Names = std::vector<std::string>;

TEST(Preload, EntriesAsGlibcReadsThem) {
  EXPECT_EQ(preload_entries("# HAMi\n/usr/local/vgpu/libvgpu.so\n\n libx.so:liby.so\t/z.so # rest\n"),
            (Names{"/usr/local/vgpu/libvgpu.so", "libx.so", "liby.so", "/z.so"}));
  EXPECT_EQ(preload_entries("/a.so"), Names{"/a.so"});
  EXPECT_EQ(preload_entries(" \n:\n#"), Names{});
  EXPECT_EQ(preload_variable(" /a.so:/b.so  libc.so "), (Names{"/a.so", "/b.so", "libc.so"}));
  EXPECT_EQ(preload_variable("/a#b.so\t"), Names{"/a#b.so\t"});
}

}  // namespace
}  // namespace cufit
