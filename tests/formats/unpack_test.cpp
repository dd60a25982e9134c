#include "formats/unpack.h"

#include <gtest/gtest.h>

#include <random>

#include "formats/build.h"

namespace cufit::formats {
namespace {

std::string unpacked(Packing p, const std::string& s, size_t size) {
  std::vector<uint8_t> out;
  unpack(p, as_bytes(s), size, out);
  return std::string(as_text(out));
}

std::string head(Packing p, Bytes s) {
  std::vector<uint8_t> out;
  unpack_head(p, s, out);
  return std::string(as_text(out));
}

TEST(Unpack, GivesWhatWasPacked) {
  std::string text = test::prose(5000);
  for (auto p : {Packing::none, Packing::lz4, Packing::zstd})
    EXPECT_EQ(unpacked(p, test::packed_as(p, text), text.size()), text) << int(p);
}

TEST(Unpack, NeverGivesMoreThanAskedFor) {
  std::string text = test::prose(5000);
  EXPECT_EQ(unpacked(Packing::none, text, 10), text.substr(0, 10));
  EXPECT_EQ(unpacked(Packing::lz4, test::packed_as(Packing::lz4, text), 10), text.substr(0, 10));
  EXPECT_LE(unpacked(Packing::zstd, test::packed_as(Packing::zstd, text), 10).size(), 10u);
}

TEST(Unpack, HeadsNeedOnlyTheirFirstBlock) {
  std::mt19937 random(1);
  std::string text;
  while (text.size() < 600'000) text += char(random());
  for (auto p : {Packing::lz4, Packing::zstd}) {
    std::string packed = test::packed_as(p, text);
    ASSERT_GT(packed.size(), kFirstBlock);
    std::string h = head(p, as_bytes(packed).first(kFirstBlock));
    EXPECT_GE(h.size(), 64u);
    EXPECT_LE(h.size(), size_t{128} << 10);
    EXPECT_EQ(h, text.substr(0, h.size()));
  }
}

TEST(Unpack, DamagedDataGiveNothingWrong) {
  std::string text = test::prose(2000);
  for (auto p : {Packing::lz4, Packing::zstd}) {
    std::string packed = test::packed_as(p, text);
    for (size_t n = 0; n < packed.size(); n += 3) {
      std::string some = unpacked(p, packed.substr(0, n), text.size());
      EXPECT_EQ(some, text.substr(0, some.size())) << int(p) << " cut to " << n;
    }
  }
  EXPECT_EQ(head(Packing::zstd, as_bytes("no zstd frame at all")), "");
}

TEST(Unpack, HopsOverZstdFrames) {
  std::string text = test::prose(400'000), packed = test::packed_as(Packing::zstd, text);
  auto frame = zstd_frame(as_bytes(packed));
  size_t at = frame.header;
  ASSERT_GT(at, 0u);
  for (bool last = false; !last;) {
    auto block = zstd_block(as_bytes(packed).subspan(at));
    ASSERT_NE(block.size, SIZE_MAX);
    last = block.last;
    at += kZstdBlockHeader + block.size;
  }
  EXPECT_EQ(at + (frame.checksum ? 4 : 0), packed.size());
}

TEST(Unpack, ReservedBlocksAreDamage) {
  EXPECT_EQ(zstd_block(as_bytes({"\x07\0\0", 3})).size, SIZE_MAX);
  EXPECT_EQ(zstd_block(as_bytes({"\xff\xff\xff", 3})).size, SIZE_MAX);
  EXPECT_EQ(zstd_block(as_bytes({"\0\0", 2})).size, SIZE_MAX);
  EXPECT_EQ(zstd_frame(as_bytes("nothing")).header, 0u);
}

}  // namespace
}  // namespace cufit::formats
