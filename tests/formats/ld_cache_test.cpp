#include "formats/ld_cache.h"

#include <gtest/gtest.h>

#include <sstream>

#include "formats/ld_cache_writer.h"

namespace cufit::formats {
namespace {

using namespace test;

CacheSpec some() {
  return {.lines = {{"libb.so.2", "/usr/lib/libb.so.2", 0x303, 0, "x86-64-v3"},
                    {"libb.so.2", "/usr/lib/libb.so.2"},
                    {"liba.so.1", "/lib/liba.so.1", 0xa03, uint64_t{1} << 63}},
          .levels = {"x86-64-v2", "x86-64-v3"}};
}

std::string words(const Result<LdCache>& cache) {
  if (!cache) return cache.error().to_string();
  std::string s;
  if (cache->unread) s += cache->unread->to_string() + '\n';
  for (auto& e : cache->entries)
    s += e.soname + '=' + e.path + ' ' + std::to_string(e.flags) + (e.level.empty() ? "" : " " + e.level) +
         (e.hwcap && e.level.empty() ? " masked" : "") + '\n';
  return s;
}

std::string read(const std::string& bytes) { return words(read_ld_cache(as_bytes(bytes))); }

const char* const kAll =
    "libb.so.2=/usr/lib/libb.so.2 771 x86-64-v3\n"
    "libb.so.2=/usr/lib/libb.so.2 771\n"
    "liba.so.1=/lib/liba.so.1 2563 masked\n";

TEST(LdCache, TheThreeLayouts) {
  EXPECT_EQ(read(new_cache(some())), kAll);
  std::string no_level = kAll;
  no_level.replace(no_level.find("x86-64-v3"), 9, "?");
  EXPECT_EQ(read(old_cache(some(), 8)), no_level) << "the newer one behind the older";
  EXPECT_EQ(read(old_cache(some(), 4)), no_level) << "as a 32-bit ldconfig puts it";
  EXPECT_EQ(read(old_cache(some())),
            "libb.so.2=/usr/lib/libb.so.2 771\n"
            "libb.so.2=/usr/lib/libb.so.2 771\n"
            "liba.so.1=/lib/liba.so.1 2563\n")
      << "the older one knows no folders for processors";
  EXPECT_EQ(read(new_cache({})), "");
  EXPECT_EQ(read(old_cache({})), "");
}

TEST(LdCache, OddNumbersOfEntriesNeedNoPadding) {
  for (size_t n = 0; n < 5; n++) {
    CacheSpec spec;
    for (size_t i = 0; i < n; i++) spec.lines.push_back({"l" + std::to_string(i), "/l"});
    for (size_t align : {0, 4, 8}) {
      auto cache = read_ld_cache(as_bytes(old_cache(spec, align)));
      ASSERT_TRUE(cache) << n << ' ' << align;
      EXPECT_EQ(cache->entries.size(), n);
    }
  }
}

TEST(LdCache, Bit62NamesAFolderAndNothingElseDoes) {
  EXPECT_TRUE(names_hwcaps_folder(uint64_t{1} << 62));
  EXPECT_TRUE(names_hwcaps_folder(uint64_t{1} << 62 | uint64_t{0x3ff} << 32 | 7)) << "with ISA levels";
  EXPECT_FALSE(names_hwcaps_folder(uint64_t{3} << 62));
  EXPECT_FALSE(names_hwcaps_folder(uint64_t{1} << 62 | uint64_t{1} << 48));
  EXPECT_FALSE(names_hwcaps_folder(7));
}

TEST(LdCache, WhatIsWrongIsSaid) {
  EXPECT_EQ(read(""), "at 0x0: expected \"glibc-ld.so.cache1.1\" or \"ld.so-1.7.0\"");
  EXPECT_EQ(read("glibc-ld.so.cache1.1"), "at 0x14: expected a header of 48 bytes");
  auto big = some();
  big.order = 3;
  EXPECT_EQ(read(new_cache(big)), "at 0x1c: expected little-endian numbers, found big-endian ones");
  big.order = 0;
  EXPECT_EQ(read(new_cache(big)), kAll) << "not said before glibc 2.33";
  auto patched = [](size_t at, uint32_t value) {
    auto bytes = new_cache(some());
    patch<uint32_t>(bytes, at, value);
    return read(bytes);
  };
  EXPECT_EQ(patched(20, 1000), "at 0x14: expected a number of entries that fits the file");
  EXPECT_EQ(patched(20, UINT32_MAX), "at 0x14: expected a number of entries that fits the file");
  EXPECT_EQ(patched(48 + 4, 1u << 30), "at 0x34: expected the offset of a name in the file");
  EXPECT_EQ(patched(48 + 8, UINT32_MAX), "at 0x38: expected the offset of a name in the file");
}

TEST(LdCache, WithoutItsExtensionsOnlyTheFoldersForProcessorsAreUnknown) {
  std::string no_level = kAll;
  no_level.replace(no_level.find("x86-64-v3"), 9, "?");
  auto good = new_cache(some());
  auto patched = [&](size_t at, uint32_t value) {
    auto bytes = good;
    patch<uint32_t>(bytes, at, value);
    return read(bytes);
  };
  uint32_t directory = load_at<uint32_t>(as_bytes(good).data() + 32);
  auto where = [](size_t at) {
    std::ostringstream hex;
    hex << "at 0x" << std::hex << at << ": expected ";
    return hex.str();
  };
  auto offset = where(32) + "the offset of the directory of extensions\n";
  EXPECT_EQ(patched(32, 3), offset + no_level);
  EXPECT_EQ(patched(32, 1u << 31), offset + no_level);
  EXPECT_EQ(patched(directory, 7), offset + no_level) << "its mark";
  EXPECT_EQ(patched(directory + 4, 1u << 30),
            where(directory + 4) + "a number of extensions that fits the file\n" + no_level);
  EXPECT_EQ(patched(32, 0), no_level) << "there are none";
  EXPECT_EQ(patched(48 + 16, 99), no_level) << "the number of no folder";
}

TEST(LdCache, WhateverIsCutOffIsReadOrRefused) {
  for (auto& whole : {new_cache(some()), old_cache(some(), 8), old_cache(some())})
    for (size_t n = 0; n < whole.size(); n++) {
      std::string part = whole.substr(0, n);
      auto cache = read_ld_cache(as_bytes(part));
      EXPECT_LE(cache ? cache->entries.size() : 0, 3u);
    }
}

TEST(LdCache, ManyEntriesWithOneLongNameAreRefused) {
  CacheSpec spec;
  for (int i = 0; i < 20'000; i++) spec.lines.push_back({"", ""});
  auto bytes = new_cache(spec);
  size_t name = bytes.size();
  bytes += std::string(4000, 'x') + '\0';
  for (size_t i = 0; i < spec.lines.size(); i++) patch<uint32_t>(bytes, 48 + 24 * i + 4, uint32_t(name));
  EXPECT_NE(read(bytes).find("expected at most 64 MiB of names"), std::string::npos);
}

}  // namespace
}  // namespace cufit::formats
