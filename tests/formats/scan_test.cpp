#include "formats/scan.h"

#include <gtest/gtest.h>

#include <fstream>

#include "formats/build.h"
#include "formats/narrow_stream.h"

namespace cufit::formats {
namespace {

using test::container;
using test::entry;
using test::EntrySpec;
using test::patch;
using test::ptx_entry;
using test::sass;

Found scan(const std::string& s, Scanner::Options options = {}) {
  Found found;
  test::NarrowStream stream(as_bytes(s), 64);
  Scanner(stream, options, found).scan(s.size());
  return found;
}

const Scanner::Options kTiled{.tiled = true};

/// "OFFSET+SIZE: 80 90a ptx90@8.4 ..." for each module.
std::string list(const Found& found) {
  std::string s;
  for (const auto& m : found.modules()) {
    s += std::to_string(m.at) + '+' + std::to_string(m.size) + (m.loose ? " loose:" : ":");
    for (const auto& i : found.shape(m.shape)) {
      s += i.kind == Kind::sass  ? " "
           : i.kind == Kind::ptx ? " ptx"
           : i.kind == Kind::lto ? " lto"
                                 : " other";
      s += std::to_string(i.arch);
      if (i.suffix) s += i.suffix;
      if (i.kind == Kind::ptx) s += '@' + std::to_string(i.major) + '.' + std::to_string(i.minor);
      if (i.empty) s += "(empty)";
      if (i.relocatable) s += "(rdc)";
    }
    s += '\n';
  }
  return s;
}

std::string gaps(const Found& found) {
  std::string s;
  for (const auto& g : found.gaps()) s += std::to_string(int(g.kind)) + '@' + std::to_string(g.at) + ' ';
  return s;
}

std::string gap(GapKind kind, uint64_t at) {
  return std::to_string(int(kind)) + '@' + std::to_string(at) + ' ';
}

TEST(Scan, ContainersBackToBack) {
  std::string a = container({sass(80), ptx_entry(90, 8, 4)}), b = container({sass(90, 'a')});
  auto found = scan(a + b, kTiled);
  EXPECT_EQ(list(found), "0+" + std::to_string(a.size()) + ": 80 ptx90@8.4\n" + std::to_string(a.size()) +
                             "+" + std::to_string(b.size()) + ": 90a\n");
  EXPECT_EQ(gaps(found), "");
  EXPECT_EQ(found.toolkits(), std::set<uint16_t>{124});
}

// RAPIDS has containers one byte apart in .rodata.
TEST(Scan, ContainersAtEveryOffset) {
  for (size_t before = 1; before < 80; before++) {
    std::string c = container({sass(80)});
    auto found = scan(std::string(before, 'x') + c + "y");
    ASSERT_EQ(list(found), std::to_string(before) + "+" + std::to_string(c.size()) + ": 80\n");
  }
}

TEST(Scan, ShapesAreSetsOfImages) {
  auto found =
      scan(container({sass(80), sass(90)}) + container({sass(90), sass(80)}) + container({sass(80)}));
  ASSERT_EQ(found.modules().size(), 3u);
  EXPECT_EQ(found.modules()[0].shape, found.modules()[1].shape);
  EXPECT_NE(found.modules()[0].shape, found.modules()[2].shape);
}

TEST(Scan, AllKindsAndPackings) {
  EntrySpec lto{.kind = 8, .arch = 100, .suffix = 'f', .minor = 65, .payload = "obfuscated", .header = 120};
  auto found = scan(container({sass(75), sass(90, 'a', Packing::lz4), sass(100, 'f', Packing::zstd),
                               ptx_entry(103, 9, 0, 'f', Packing::zstd), entry(lto)}));
  ASSERT_EQ(found.modules().size(), 1u);
  EXPECT_EQ(list(found).substr(list(found).find(':')), ": 75 90a 100f ptx103f@9.0 lto100f\n");
}

TEST(Scan, AnUnknownKindIsSkippedAndSaid) {
  auto found = scan(container({sass(80), entry({.kind = 64}), sass(90)}), kTiled);
  EXPECT_EQ(list(found).substr(list(found).find(':')), ": 80 90 other80\n");
  EXPECT_EQ(gaps(found), gap(GapKind::unknown_kind, 16 + sass(80).size()));
  EXPECT_EQ(found.gaps()[0].detail, "64");
}

TEST(Scan, AnEmptyContainerIsAModule) {
  auto found = scan(container({}) + container({sass(80)}), kTiled);
  EXPECT_EQ(found.modules().size(), 2u);
  EXPECT_EQ(gaps(found), "");
}

// Device-link stubs and units with globals only: an architecture, but no kernel.
TEST(Scan, SmallMachineCodeIsLookedInto) {
  for (auto packing : {Packing::none, Packing::lz4, Packing::zstd}) {
    EntrySpec stub{.arch = 90, .payload = test::cubin({.arch = 90, .kernels = false}), .packing = packing};
    EntrySpec object{
        .arch = 90, .payload = test::cubin({.arch = 90, .relocatable = true}), .packing = packing};
    auto found = scan(container({entry(stub)}) + container({entry(object)}));
    ASSERT_EQ(found.modules().size(), 2u);
    EXPECT_TRUE(found.shape(found.modules()[0].shape)[0].empty) << int(packing);
    EXPECT_FALSE(found.shape(found.modules()[0].shape)[0].relocatable) << int(packing);
    EXPECT_FALSE(found.shape(found.modules()[1].shape)[0].empty) << int(packing);
    EXPECT_TRUE(found.shape(found.modules()[1].shape)[0].relocatable) << int(packing);
  }
}

TEST(Scan, LargeMachineCodeHasKernels) {
  std::string large = test::cubin({.arch = 90, .kernels = false}) + std::string(20'000, '\0');
  auto found = scan(container({entry({.arch = 90, .payload = large, .packing = Packing::zstd})}));
  EXPECT_FALSE(found.shape(0)[0].empty);
  EXPECT_TRUE(found.toolkits().empty());
  auto looked =
      scan(container({entry({.arch = 90, .payload = large, .packing = Packing::zstd})}), {.all_heads = true});
  EXPECT_EQ(looked.toolkits(), std::set<uint16_t>{124});
}

TEST(Scan, CodeWithoutAContainer) {
  std::string cubin = test::cubin({.arch = 86, .toolkit = 118});
  std::string zstd =
      test::packed_as(Packing::zstd, test::cubin({.abi = 8, .arch = 103, .toolkit = 129, .bit3 = true}));
  std::string ptx = ".version 8.3\n.target sm_90\n";
  auto found = scan("#" + cubin + "##" + zstd + "###" + ptx + "####");
  size_t z = 1 + cubin.size() + 2, p = z + zstd.size() + 3;
  EXPECT_EQ(list(found), "1+" + std::to_string(cubin.size()) + " loose: 86\n" + std::to_string(z) + "+" +
                             std::to_string(zstd.size()) + " loose: 103a\n" + std::to_string(p) + "+" +
                             std::to_string(ptx.size() - 1) + " loose: ptx90@8.3\n");
  EXPECT_EQ(found.toolkits(), (std::set<uint16_t>{118, 129}));
  EXPECT_TRUE(scan(cubin + zstd + ptx, {.loose = false}).modules().empty());
}

TEST(Scan, OtherElfFilesAndZstdFramesArePassedOver) {
  std::string host = test::elf({.sections = {{".rodata", container({sass(80)})}}}).bytes;
  std::string zstd = test::packed_as(Packing::zstd, "no machine code, only text");
  EXPECT_EQ(scan(host + zstd).modules().size(), 1u);
}

TEST(Scan, WrappersAreKept) {
  std::string s = "x";
  test::append<uint32_t>(s, 0x466243B1);
  test::append<uint32_t>(s, 2);
  test::append<uint64_t>(s, 0x12345678);
  test::append<uint64_t>(s, 0);
  auto found = scan(s);
  ASSERT_EQ(found.wrappers().size(), 1u);
  EXPECT_EQ(found.wrappers()[0].at, 1u);
  EXPECT_EQ(found.wrappers()[0].version, 2u);
  EXPECT_EQ(found.wrappers()[0].data, 0x12345678u);
  EXPECT_TRUE(scan(s.substr(0, 24)).wrappers().empty()) << "cut off";
}

TEST(Scan, HolesInAFatbinSection) {
  std::string a = container({sass(80)}), b = container({sass(90)});
  auto holes = [&](const std::string& hole) { return gaps(scan(a + hole + b, kTiled)); };
  EXPECT_EQ(holes(""), "");
  EXPECT_EQ(holes(std::string(4096, '\0')), "") << "zeroes are padding";
  EXPECT_EQ(holes("1234567"), "") << "up to seven bytes are alignment";
  EXPECT_EQ(holes("12345678"), gap(GapKind::not_a_container, a.size()));
  EXPECT_EQ(holes(std::string(5000, '\0') + "x"), gap(GapKind::not_a_container, a.size() + 5000));
  EXPECT_EQ(gaps(scan(a + "behind the last", kTiled)), gap(GapKind::not_a_container, a.size()));
  EXPECT_EQ(gaps(scan("before the first" + a, kTiled)), gap(GapKind::not_a_container, 0));
  EXPECT_EQ(gaps(scan(a + std::string(3000, 'x') + b)), "") << "not a fatbin section";
}

TEST(Scan, DamageDoesNotEndTheSearch) {
  std::string bad = container({sass(80), sass(86)}), good = container({sass(90)});
  patch<uint16_t>(bad, 16 + sass(80).size() + 2, 0x4444);  // version of the second entry
  auto found = scan(bad + good, kTiled);
  ASSERT_EQ(found.modules().size(), 3u);  // the second cubin is found by its own mark
  EXPECT_EQ(list(found).substr(0, list(found).find('\n')),
            "0+" + std::to_string(16 + sass(80).size()) + ": 80");
  EXPECT_EQ(gaps(found), gap(GapKind::entry_damaged, 16 + sass(80).size()));
}

TEST(Scan, ContainersThatLie) {
  std::string good = container({sass(90)});
  for (uint64_t size : {uint64_t{4}, uint64_t{1} << 40, UINT64_MAX, UINT64_MAX - 15, uint64_t{1}}) {
    std::string bad = container({sass(80)});
    patch<uint64_t>(bad, 8, size);
    auto found = scan(bad + good);
    EXPECT_EQ(gaps(found), gap(GapKind::container_damaged, 0)) << size;
    ASSERT_EQ(found.modules().size(), 2u) << size;  // the cubin in the bad one, by its own mark
    EXPECT_TRUE(found.modules()[0].loose) << size;
    EXPECT_EQ(found.modules()[1].at, bad.size()) << size;
  }
}

// A header size of zero must not hold the walk.
TEST(Scan, EntriesWithoutSizeEndTheWalk) {
  std::string bad = container({sass(80), sass(90)});
  patch<uint32_t>(bad, 16 + sass(80).size() + 4, 0);
  EXPECT_EQ(gaps(scan(bad)), gap(GapKind::entry_damaged, 16 + sass(80).size()));
}

TEST(Scan, TruncatedAnywhere) {
  std::string s = container({sass(80), ptx_entry(90, 8, 4)}) + container({sass(100, 'f', Packing::zstd)}) +
                  test::cubin({});
  for (size_t n = 0; n < s.size(); n++) {
    auto found = scan(s.substr(0, n), kTiled);
    for (const auto& m : found.modules()) ASSERT_LE(m.at + m.size, n);
  }
}

TEST(Scan, StreamsThatEndEarlyAreSaid) {
  std::string s = container({sass(80), sass(90)});
  Found found;
  std::string cut = s.substr(0, 16 + sass(80).size() + 100);
  MemoryStream stream(as_bytes(cut));
  Scanner(stream, kTiled, found).scan(s.size());  // as for a member that does not inflate to its size
  EXPECT_EQ(gaps(found), gap(GapKind::truncated, cut.size()));
}

TEST(Scan, EndsWhereItIsTold) {
  std::string a = container({sass(80)}), all = a + container({sass(90)});
  for (size_t end : {a.size(), a.size() + 8, a.size() + 15, a.size() + 40}) {
    Found found;
    MemoryStream stream(as_bytes(all));
    Scanner(stream, {}, found).scan(end);
    EXPECT_EQ(found.modules().size(), 1u) << end;
    EXPECT_LE(stream.at(), end);
  }
}

TEST(Scan, BareCubinsBeyondTheEndAreSaid) {
  std::string s = test::cubin({});
  patch<uint64_t>(s, 40, uint64_t{1} << 40);
  EXPECT_EQ(gaps(scan(s)), gap(GapKind::loose_too_large, 0));
}

TEST(Scan, GapsAreCountedBeyondALimit) {
  std::string bad = container({sass(80)});
  patch<uint64_t>(bad, 8, UINT64_MAX);
  std::string s;
  for (size_t i = 0; i < Found::kMaxGaps + 20; i++) s += bad;
  auto found = scan(s);
  EXPECT_EQ(found.gaps().size(), Found::kMaxGaps);
  EXPECT_EQ(found.gaps_dropped(), 20u);
}

TEST(Scan, ContainersWithThousandsOfEntriesAreCapped) {
  std::vector<std::string> entries(Found::kMaxImages + 5, entry({.kind = 8, .payload = ""}));
  auto found = scan(container(entries));
  ASSERT_EQ(found.modules().size(), 1u);
  EXPECT_EQ(found.shape(0).size(), Found::kMaxImages);
  EXPECT_EQ(found.gaps().size(), 1u);
  EXPECT_EQ(found.gaps()[0].kind, GapKind::too_many);
}

TEST(Found, AllShapesTogetherAreBounded) {
  Found found;
  for (uint16_t i = 0; i < 400; i++) {
    std::vector<Image> images(Found::kMaxImages);
    images[0].arch = i;
    found.add_module(i, 1, images, false);
  }
  EXPECT_EQ(found.modules().size(), Found::kMaxAllImages / Found::kMaxImages);
  ASSERT_EQ(found.gaps().size(), 1u);
  EXPECT_EQ(found.gaps()[0].kind, GapKind::too_many);
  found.add_module(1000, 1, found.shape(0), false);
  EXPECT_EQ(found.modules().back().at, 1000u) << "a shape that is known costs nothing";
}

TEST(Found, MergesWithAnOffset) {
  std::string a = container({sass(80)}), b = "x" + container({sass(80)});
  Found all;
  all.merge(scan(a), 0);
  all.merge(scan(b), 1000);
  ASSERT_EQ(all.modules().size(), 2u);
  EXPECT_EQ(all.modules()[1].at, 1001u);
  EXPECT_EQ(all.modules()[0].shape, all.modules()[1].shape);
}

// What nvcc 13.0 writes (tests/data/gpu/README.md).
TEST(Scan, RealFatbins) {
  auto read = [](const std::string& name) {
    std::ifstream in(CUFIT_SOURCE_DIR "/tests/data/gpu/" + name, std::ios::binary);
    auto found =
        scan(std::string{std::istreambuf_iterator<char>(in), {}}, {.tiled = true, .all_heads = true});
    auto text = list(found);
    EXPECT_EQ(gaps(found), "") << name;
    return text.substr(text.find(':') + 1);
  };
  for (auto name : {"scale_none.fatbin", "scale_speed.fatbin", "scale_balance.fatbin", "scale_size.fatbin"})
    EXPECT_EQ(read(name), " 75 90a 100f ptx120@9.0\n") << name;
  EXPECT_EQ(read("scale_lto.fatbin"), " lto90a lto100f\n");
  EXPECT_EQ(read("scale_rdc.fatbin"), " 90(rdc) ptx90@9.0\n");
  EXPECT_EQ(read("scale_dlink.fatbin"), " 90\n");
  EXPECT_EQ(read("scale_debug.fatbin"), " 90 ptx90@9.0\n");
}

}  // namespace
}  // namespace cufit::formats
