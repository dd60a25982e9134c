#include "formats/ld_so.h"

#include <gtest/gtest.h>

namespace cufit::formats {
namespace {

std::string z(std::initializer_list<std::string> texts) {
  std::string s(
      "\x7f"
      "ELF\2\1\1\0\0\0",
      10);
  for (auto& t : texts) s += t + '\0';
  return s;
}

LdSo read(const std::string& bytes) { return read_ld_so(as_bytes(bytes)); }
using Folders = std::vector<std::string>;

TEST(LdSo, FoldersCacheAndVersion) {
  auto debian = read(z({"x", "/lib/x86_64-linux-gnu/", "/usr/lib/x86_64-linux-gnu/", "/lib/", "/usr/lib/", "",
                        "/etc/ld.so.cache", "/usr/lib/locale/",
                        "ld.so (Debian GLIBC 2.36-9+deb12u14) stable release version 2.36.\nCopyright"}));
  EXPECT_EQ(debian.folders,
            (Folders{"/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib", "/usr/lib"}));
  EXPECT_EQ(debian.cache, "/etc/ld.so.cache");
  EXPECT_EQ(debian.version, "2.36");
  EXPECT_EQ(read(z({"/lib64/", "/usr/lib64/"})).folders, (Folders{"/lib64", "/usr/lib64"}));
  EXPECT_EQ(read(z({"/usr/lib/", "libc.so.6"})).folders, Folders{"/usr/lib"});
}

TEST(LdSo, BytesInFrontOfTheFirstFolder) {
  EXPECT_EQ(read(z({"\x01\xff/lib64/", "/usr/lib64/"})).folders, (Folders{"/lib64", "/usr/lib64"}));
}

TEST(LdSo, WhatIsNoLoaderHasNone) {
  EXPECT_TRUE(read(z({"/proc/self/", "/etc/", "/lib", "lib/", "version 2.36"})).folders.empty());
  EXPECT_TRUE(read("").folders.empty());
  EXPECT_TRUE(read(std::string(10'000, '/')).folders.empty());
}

}  // namespace
}  // namespace cufit::formats
