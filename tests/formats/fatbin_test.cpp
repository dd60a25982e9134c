#include "formats/fatbin.h"

#include <gtest/gtest.h>

#include "formats/build.h"

namespace cufit::formats::fatbin {
namespace {

using test::EntrySpec;
using test::patch;

std::optional<Entry> read(const std::string& s) { return read_entry(as_bytes(s), s.size()); }

TEST(FatbinEntry, SaysKindTargetAndVersion) {
  struct Case {
    uint16_t raw;
    Kind kind;
  };
  for (auto [raw, kind] :
       {Case{1, Kind::ptx}, {2, Kind::sass}, {8, Kind::lto}, {4, Kind::other}, {16, Kind::other}}) {
    auto e = read(test::entry({.kind = raw, .arch = 121, .major = 9, .minor = 4}));
    ASSERT_TRUE(e);
    EXPECT_EQ(e->image.kind, kind) << raw;
    EXPECT_EQ(e->raw_kind, raw);
    EXPECT_EQ(e->image.arch, 121);
    EXPECT_EQ(e->image.major, 9);
    EXPECT_EQ(e->image.minor, 4);
  }
}

// Flags as met in real files: the suffix bits hold for SASS, PTX and LTO-IR alike.
TEST(FatbinEntry, ReadsFlags) {
  struct Case {
    uint64_t flags;
    char suffix;
    Packing packing;
    bool debug;
  };
  for (auto c : {Case{0x11, 0, Packing::none, false},
                 {0x100011, 'a', Packing::none, false},   // sm_90a SASS
                 {0x208011, 'f', Packing::zstd, false},   // compute_103f PTX
                 {0x118011, 'a', Packing::zstd, false},   // lto_90a
                 {0x218011, 'f', Packing::zstd, false},   // lto_100f
                 {0x1200011, 'f', Packing::none, false},  // sm_100f SASS
                 {0x2015, 0, Packing::lz4, false},        // CUDA 8
                 {0x8013, 0, Packing::zstd, true}}) {     // -G
    std::string s = test::entry({});
    patch<uint64_t>(s, 40, c.flags);
    auto e = read(s);
    ASSERT_TRUE(e);
    EXPECT_EQ(e->image.suffix, c.suffix) << std::hex << c.flags;
    EXPECT_EQ(e->image.packing, c.packing) << std::hex << c.flags;
    EXPECT_EQ(e->image.debug, c.debug) << std::hex << c.flags;
  }
}

// 64 to 160 are usual, 3,760 was met once (CUDA 8): the field decides, not a table.
TEST(FatbinEntry, TakesTheHeaderSizeFromTheField) {
  for (uint32_t header : {64u, 72u, 112u, 160u, 3760u}) {
    auto e = read(test::entry({.header = header}));
    ASSERT_TRUE(e) << header;
    EXPECT_EQ(e->header, header);
  }
}

TEST(FatbinEntry, KnowsPackedAndUnpackedSize) {
  std::string payload = test::prose(1000);
  auto plain = read(test::entry({.payload = payload})),
       packed = read(test::entry({.payload = payload, .packing = Packing::lz4}));
  ASSERT_TRUE(plain && packed);
  EXPECT_EQ(plain->unpacked, 1000u);
  EXPECT_EQ(plain->packed, 0u);
  EXPECT_EQ(packed->unpacked, 1000u);
  EXPECT_EQ(packed->packed, test::packed_as(Packing::lz4, payload).size());
  EXPECT_EQ(packed->payload % 8, 0u);
}

// The payload size has 64 bits: a public description of the format has 32 and breaks above 4 GB.
TEST(FatbinEntry, ReadsPayloadSizesAbove4GiB) {
  std::string s = test::entry({});
  patch<uint64_t>(s, 8, uint64_t{5} << 30);
  auto e = read_entry(as_bytes(s), (uint64_t{5} << 30) + 64);
  ASSERT_TRUE(e);
  EXPECT_EQ(e->payload, uint64_t{5} << 30);
}

TEST(FatbinEntry, RefusesWhatDoesNotFit) {
  struct Case {
    const char* what;
    size_t at;
    uint64_t value;
    size_t bytes;
  };
  for (auto c :
       {Case{"header size 0", 4, 0, 4}, Case{"header size below 64", 4, 63, 4},
        Case{"header beyond the container", 4, 1 << 19, 4}, Case{"header above 1 MiB", 4, (1 << 20) + 1, 4},
        Case{"payload beyond the container", 8, 9, 8}, Case{"payload that overflows", 8, UINT64_MAX, 8},
        Case{"payload that wraps around with the header", 8, UINT64_MAX - 63, 8},
        Case{"another version", 2, 0x0102, 2}}) {
    std::string s = test::entry({.payload = "12345678"});
    for (size_t i = 0; i < c.bytes; i++) patch<uint8_t>(s, c.at + i, uint8_t(c.value >> (8 * i)));
    EXPECT_FALSE(read(s)) << c.what;
  }
  EXPECT_TRUE(read(test::entry({.payload = "12345678"})));
}

TEST(FatbinEntry, RefusesFewerThan64Bytes) {
  std::string s = test::entry({});
  EXPECT_FALSE(read_entry(as_bytes(s).first(63), s.size()));
  EXPECT_FALSE(read_entry(as_bytes(s), 63));
}

}  // namespace
}  // namespace cufit::formats::fatbin
