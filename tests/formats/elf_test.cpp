#include "formats/elf.h"

#include <gtest/gtest.h>

#include "formats/build.h"

namespace cufit::formats {
namespace {

using test::ElfImage;
using test::ElfSpec;
using test::patch;

std::expected<Elf, Gap> read(const std::string& s) {
  MemoryBytes bytes(as_bytes(s));
  return read_elf(bytes);
}

std::string words(const std::vector<ScanRange>& ranges) {
  std::string s;
  for (const auto& r : ranges)
    s += r.section + '@' + std::to_string(r.offset) + '+' + std::to_string(r.size) +
         (r.tiled ? " tiled " : " ");
  return s;
}

TEST(Elf, ReadsSectionsAndSegments) {
  auto image = test::elf({.machine = 183, .type = 2, .sections = {{".rodata", "abc"}, {".bss", "", 8, 3}}});
  auto elf = read(image.bytes);
  ASSERT_TRUE(elf);
  EXPECT_EQ(elf->machine, 183);
  EXPECT_EQ(elf->type, 2);
  ASSERT_EQ(elf->sections.size(), 4u);  // with the first one, which is null, and the names
  EXPECT_EQ(elf->sections[1].name, ".rodata");
  EXPECT_EQ(elf->sections[1].offset, image.at[".rodata"]);
  EXPECT_EQ(elf->sections[1].size, 3u);
  ASSERT_EQ(elf->segments.size(), 1u);
  EXPECT_EQ(elf->segments[0].size, image.bytes.size());
  EXPECT_TRUE(elf->gaps.empty());
}

TEST(Elf, FindsOffsetsThroughSegments) {
  Elf elf;
  elf.segments = {{2, 4, 7, 0, 100}, {1, 4, 1000, 0x400000, 500}, {1, 4, 5000, 0x700000, UINT64_MAX}};
  EXPECT_EQ(elf.offset_of(0x400000), 1000u);
  EXPECT_EQ(elf.offset_of(0x400000 + 499), 1499u);
  EXPECT_FALSE(elf.offset_of(0x400000 + 500));
  EXPECT_FALSE(elf.offset_of(0)) << "only PT_LOAD is mapped";
  EXPECT_EQ(elf.offset_of(0x700001), 5001u);
}

TEST(Elf, DamagedProgramHeadersAreSaid) {
  for (auto [at, value] : {std::pair{54, 32}, {56, 0x7fff}}) {
    auto image = test::elf({.sections = {{".rodata", "abc"}}});
    patch<uint16_t>(image.bytes, uint64_t(at), uint16_t(value));
    auto elf = read(image.bytes);
    ASSERT_TRUE(elf);
    ASSERT_EQ(elf->gaps.size(), 1u) << at;
    EXPECT_EQ(elf->gaps[0].kind, GapKind::segments_damaged);
    EXPECT_EQ(elf->gaps[0].at, 64u);
  }
}

TEST(Elf, DynamicStringsOutsideOfTheFileAreLeftOut) {
  auto image = test::elf({.needed = {"liba.so", "libb.so"}, .soname = "libc.so"});
  uint64_t dynamic = image.at[".dynamic"];
  patch<uint64_t>(image.bytes, dynamic + 8, uint64_t{1} << 40);  // name of the first NEEDED
  auto elf = read(image.bytes);
  ASSERT_TRUE(elf);
  EXPECT_EQ(elf->needed, std::vector<std::string>{"libb.so"});
  EXPECT_EQ(elf->soname, "libc.so");
  patch<uint64_t>(image.bytes, dynamic + 8, UINT64_MAX);
  EXPECT_EQ(read(image.bytes)->needed, std::vector<std::string>{"libb.so"});
}

TEST(Elf, BuildIdAmongOtherNotes) {
  auto image = test::elf({.build_id = "\xde\xad\xbe\xef"});
  EXPECT_EQ(read(image.bytes)->build_id, "deadbeef");
  patch<uint32_t>(image.bytes, image.at[".note.gnu.build-id"] + 8, 4);  // another type of note
  EXPECT_EQ(read(image.bytes)->build_id, "");
  patch<uint32_t>(image.bytes, image.at[".note.gnu.build-id"], UINT32_MAX);  // a name without end
  EXPECT_EQ(read(image.bytes)->build_id, "");
}

TEST(Elf, RangesAreAscendingAndDoNotOverlap) {
  Elf elf;
  elf.sections = {{".data", 1, 3, 0, 500, 200},   {".nv_fatbin", 1, 2, 0, 100, 50},
                  {".rodata", 1, 2, 0, 120, 300}, {".text", 1, 6, 0, 10, 80},
                  {".bss", 8, 3, 0, 900, 100},    {".far", 1, 2, 0, 950, UINT64_MAX},
                  {".outside", 1, 2, 0, 5000, 10}};
  EXPECT_EQ(words(scan_ranges(elf, 1000, false)),
            ".nv_fatbin@100+50 tiled .rodata@150+270 .data@500+200 .far@950+50 ");
  EXPECT_EQ(words(scan_ranges(elf, 1000, true)), ".nv_fatbin@100+50 tiled ");
}

TEST(Elf, WithoutSectionsTheRangeIsTheFile) {
  EXPECT_EQ(words(scan_ranges({}, 1000, false)), "@0+1000 ");
  EXPECT_EQ(words(scan_ranges({}, 1000, true)), "@0+1000 ");
  EXPECT_EQ(words(scan_ranges({}, 0, true)), "");
}

std::set<uint64_t> linked(const std::string& s, const ElfImage& image, size_t wrappers) {
  MemoryBytes bytes(as_bytes(s));
  auto elf = read_elf(bytes);
  std::vector<Wrapper> w;
  for (size_t i = 0; i < wrappers; i++) {
    uint64_t at = image.at.at(".nvFatBinSegment") + 24 * i;
    w.push_back(
        {at, load_at<uint32_t>(as_bytes(s).data() + at + 4), load_at<uint64_t>(as_bytes(s).data() + at + 8)});
  }
  return device_linked(*elf, bytes, w);
}

// .rela.dyn has 9 MB in cublasLt; it is read in pieces.
TEST(Elf, RelocationsFarIntoTheTable) {
  ElfSpec spec{
      .sections = {{".nv_fatbin", std::string(64, 'x')}},
      .wrappers = {{2, ".nv_fatbin", 16, true}, {1, ".nv_fatbin", 32, true}, {2, ".nv_fatbin", 48, false}},
      .relocations = 50'000};
  auto image = test::elf(spec);
  uint64_t at = image.at[".nv_fatbin"];
  EXPECT_EQ(linked(image.bytes, image, 3), (std::set<uint64_t>{at + 16, at + 48}));
}

TEST(Elf, RelocationTablesThatLie) {
  ElfSpec spec{.sections = {{".nv_fatbin", std::string(64, 'x')}}, .wrappers = {{2, ".nv_fatbin", 16, true}}};
  auto image = test::elf(spec);
  for (uint64_t size : {uint64_t{0}, uint64_t{23}, UINT64_MAX}) {
    uint64_t tag = image.at[".dynamic"] + 2 * 16;  // DT_RELASZ
    ASSERT_EQ(load_at<uint64_t>(as_bytes(image.bytes).data() + tag), 8u);
    patch<uint64_t>(image.bytes, tag + 8, size);
    auto found = linked(image.bytes, image, 1);
    EXPECT_EQ(found.size(), size == UINT64_MAX ? 1u : 0u) << size;
  }
}

}  // namespace
}  // namespace cufit::formats
