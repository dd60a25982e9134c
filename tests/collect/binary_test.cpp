// What is read from files with GPU code wherever linkers and libraries put it.
#include "collect/binary.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "collect/scratch.h"
#include "formats/build.h"

namespace cufit::collect {
namespace {

using test::container;
using test::describe;
using test::ElfSpec;
using test::ptx_entry;
using test::sass;
using test::Scratch;

/// The words of describe() without its first line: shapes and gaps.
std::string contents(const std::string& bytes, Pass pass = Pass::full) {
  Scratch scratch;
  auto file = File::open(scratch.write("f", bytes));
  auto b = read_binary(*file, {.pass = pass});
  if (!b) return "nothing";
  std::string s = describe(*b);
  return s.substr(s.find('\n') + 1);
}

std::string at(uint64_t offset) { return " @" + std::to_string(offset); }

const std::string kEighty = container({sass(80)});

TEST(Binary, UsualSections) {
  auto e = test::elf({.sections = {{".nv_fatbin", kEighty + kEighty + container({sass(90, 'a')})},
                                   {"__nv_relfatbin", kEighty}}});
  EXPECT_EQ(contents(e.bytes), "whole .nv_fatbin x2" + at(e.at[".nv_fatbin"]) + ": 80\nwhole .nv_fatbin x1" +
                                   at(e.at[".nv_fatbin"] + 2 * kEighty.size()) +
                                   ": 90a\nrdc_object __nv_relfatbin x1" + at(e.at["__nv_relfatbin"]) +
                                   ": 80\n");
}

// cublasLt has the only home of some kernels in .cask_resource, TensorFlow in .rodata, cuFFT in .ldata or
// .data, torch in .lrodata, RAPIDS in .rodata at odd offsets.
TEST(Binary, OtherSectionsOfTheFullPass) {
  for (std::string name : {".cask_resource", ".rodata", ".ldata", ".data", ".lrodata"}) {
    auto e = test::elf({.sections = {{name, "#" + kEighty + "#"}}});
    EXPECT_EQ(contents(e.bytes), "whole " + name + " x1" + at(e.at[name] + 1) + ": 80\n");
    EXPECT_EQ(contents(e.bytes, Pass::usual), "");
  }
}

TEST(Binary, SectionsThatHoldNoGpuCode) {
  for (auto [name, flags] : {std::pair{".text", 6u}, {".debug_info", 0u}, {".eh_frame", 2u}}) {
    auto e = test::elf({.sections = {{name, kEighty, 1, flags}}});
    EXPECT_EQ(contents(e.bytes), "") << name;
  }
}

TEST(Binary, CaskResourceIsReadWhateverItsFlags) {
  auto e = test::elf({.sections = {{".cask_resource", kEighty, 1, 0}}});
  EXPECT_EQ(contents(e.bytes), "whole .cask_resource x1" + at(e.at[".cask_resource"]) + ": 80\n");
}

class Wrappers : public testing::TestWithParam<std::tuple<uint16_t, bool>> {};

// GNU ld stores the address in place, lld only in the relocation.
TEST_P(Wrappers, OfVersion2PointToDeviceLinkedContainers) {
  auto [machine, relocated] = GetParam();
  ElfSpec spec{.machine = machine,
               .sections = {{".nv_fatbin", kEighty + kEighty}},
               .wrappers = {{1, ".nv_fatbin", 0, relocated}, {2, ".nv_fatbin", kEighty.size(), relocated}},
               .relocations = 100};
  auto e = test::elf(spec);
  EXPECT_EQ(contents(e.bytes), "whole .nv_fatbin x1" + at(e.at[".nv_fatbin"]) +
                                   ": 80\ndevice_link .nv_fatbin x1" +
                                   at(e.at[".nv_fatbin"] + kEighty.size()) + ": 80\n");
}

INSTANTIATE_TEST_SUITE_P(Machines, Wrappers, testing::Combine(testing::Values(62, 183), testing::Bool()));

// nvcc -hls: the sections lie behind .bss, so that the offset in the file is not the address.
TEST(Binary, AddressesThatAreNotOffsets) {
  ElfSpec spec{.sections = {{".nv_fatbin", kEighty, 1, 2, 8, 0, 0x7000000}},
               .wrappers = {{2, ".nv_fatbin", 0}}};
  auto e = test::elf(spec);
  EXPECT_EQ(contents(e.bytes), "device_link .nv_fatbin x1" + at(e.at[".nv_fatbin"]) + ": 80\n");
}

TEST(Binary, WithoutSectionHeadersTheWholeFileIsSearched) {
  ElfSpec spec{.sections = {{".nv_fatbin", kEighty}},
               .wrappers = {{2, ".nv_fatbin", 0}},
               .table = ElfSpec::Table::none};
  auto e = test::elf(spec);
  EXPECT_EQ(contents(e.bytes), "device_link  x1" + at(e.at[".nv_fatbin"]) + ": 80\n");
  EXPECT_EQ(contents(e.bytes, Pass::usual), "device_link  x1" + at(e.at[".nv_fatbin"]) + ": 80\n");
}

TEST(Binary, CountOfSectionsInSection0) {
  ElfSpec spec{.sections = {{".nv_fatbin", kEighty}}, .count_in_section0 = true};
  auto e = test::elf(spec);
  EXPECT_EQ(contents(e.bytes), "whole .nv_fatbin x1" + at(e.at[".nv_fatbin"]) + ": 80\n");
}

TEST(Binary, DynamicSectionAndBuildId) {
  ElfSpec spec{.machine = 183,
               .needed = {"libcudart.so.12", "libc.so.6"},
               .soname = "libk.so.1",
               .rpath = "/opt",
               .runpath = "$ORIGIN",
               .build_id = "\x01\xab\xff"};
  Scratch scratch;
  std::string bytes = test::elf(spec).bytes;
  auto file = File::open(scratch.write("f", bytes));
  EXPECT_EQ(describe(*read_binary(*file, {})),
            "elf aarch64 size=" + std::to_string(bytes.size()) +
                " id=01abff soname=libk.so.1 rpath=/opt runpath=$ORIGIN needed=libcudart.so.12,libc.so.6, "
                "toolkits= full\n");
}

TEST(Binary, SectionTablesThatLie) {
  struct Case {
    const char* what;
    size_t at;
    uint64_t value;
    size_t bytes;
  };
  for (auto c : {Case{"table outside", 40, uint64_t{1} << 40, 8}, Case{"count too large", 60, 0xfffe, 2},
                 Case{"headers of another size", 58, 40, 2}, Case{"names beyond the table", 62, 900, 2}}) {
    auto e = test::elf({.sections = {{".nv_fatbin", kEighty}}});
    for (size_t i = 0; i < c.bytes; i++) test::patch<uint8_t>(e.bytes, c.at + i, uint8_t(c.value >> (8 * i)));
    uint64_t table = load_at<uint64_t>(as_bytes(e.bytes).data() + 40);
    EXPECT_EQ(contents(e.bytes),
              "whole  x1" + at(e.at[".nv_fatbin"]) + ": 80\nunread gap.sections-damaged" + at(table) + "\n")
        << c.what;
  }
}

TEST(Binary, OtherClassesAndByteOrdersAreRefused) {
  std::string s = test::elf({}).bytes, narrow = s, big = s;
  narrow[4] = 1;
  big[5] = 2;
  EXPECT_EQ(contents(narrow), "unread gap.elf-class @4\n");
  EXPECT_EQ(contents(narrow.substr(0, 52)), "unread gap.elf-class @4\n") << "a 32-bit header has 52 bytes";
  EXPECT_EQ(contents(big), "unread gap.elf-endian @5\n");
  EXPECT_EQ(contents(s.substr(0, 40)), "unread gap.truncated @40\n");
}

TEST(Binary, OffloadingIsSaid) {
  auto e = test::elf({.sections = {{".llvm.offloading", "\x10\xff\x10\xad", 0x6fff4c0b, 0x80000000}}});
  EXPECT_EQ(contents(e.bytes), "unread gap.offloading" + at(e.at[".llvm.offloading"]) + "\n");
}

TEST(Binary, StaticLibraries) {
  auto object = test::elf({.type = 1, .sections = {{".nv_fatbin", kEighty}}});
  std::string odd = "odd", cubin = test::cubin({.arch = 86});
  std::string lib =
      test::archive({{"a.o", object.bytes}, {"text", odd}, {"b.o", object.bytes}, {"k.cubin", cubin}});
  uint64_t first = 8 + 60, last = lib.size() - cubin.size();
  EXPECT_EQ(contents(lib), "whole .nv_fatbin x2" + at(first + object.at[".nv_fatbin"]) + ": 80\nloose  x1" +
                               at(last) + ": 86\n");
  EXPECT_EQ(contents("!<thin>\na.o/            0           0     0     644     99        `\n"),
            "unread gap.thin-archive @0\n");
  EXPECT_NE(contents(lib.substr(0, lib.size() - 10)).find("unread gap.archive-damaged"), std::string::npos);
}

TEST(Binary, GapsOfAStaticLibraryAreCountedBeyondALimit) {
  std::vector<test::ArPart> parts(1500, {"cut.o",
                                         "\x7f"
                                         "ELF"});
  std::string said = contents(test::archive(parts));
  EXPECT_EQ(std::ranges::count(said, '\n'), 1001);
  EXPECT_NE(said.find("unread gap.more @? count=500\n"), std::string::npos);
}

// Many small sections before and around the code: looking one up must not take all of them.
TEST(Binary, OverlappingSectionsBelongToTheFirst) {
  auto e = test::elf({.sections = {{".rodata", std::string(64, 'x') + kEighty}, {".data", "y"}}});
  uint64_t header = e.table + 64 * 2;
  test::patch<uint64_t>(e.bytes, header + 24, e.at[".rodata"] + 8);  // .data over the middle of .rodata
  test::patch<uint64_t>(e.bytes, header + 32, 200);
  EXPECT_EQ(contents(e.bytes), "whole .rodata x1" + at(e.at[".rodata"] + 64) + ": 80\n");
}

TEST(Binary, ArchivesInArchivesDoNotExhaustTheStack) {
  std::string s = "!<arch>\n";
  for (int i = 0; i < 3; i++) s = test::archive({{"x", s}});
  EXPECT_EQ(contents(s),
            "unread gap.archive-damaged @68 error=an archive inside of an archive is not read\n");
}

TEST(Binary, FilesOfGpuCodeAlone) {
  EXPECT_EQ(contents(container({sass(80), ptx_entry(90, 8, 4)})), "whole  x1 @0: 80 ptx90@8.4\n");
  EXPECT_EQ(contents(test::cubin({.arch = 86})), "loose  x1 @0: 86\n");
  EXPECT_EQ(contents(test::packed_as(formats::Packing::zstd, test::cubin({.arch = 86}))),
            "loose  x1 @0: 86+zstd\n");
  EXPECT_EQ(contents(test::ptx("8.4", "sm_90a")), "loose  x1 @0: ptx90a@8.4\n");
  EXPECT_EQ(contents("text"), "nothing");
  EXPECT_EQ(contents(""), "nothing");
  EXPECT_EQ(contents(test::packed_as(formats::Packing::zstd, "text")), "nothing");
}

TEST(Binary, ToolkitsOfAllModules) {
  Scratch scratch;
  std::string bytes = test::elf({.sections = {{".nv_fatbin", kEighty + container({sass(100)})}}}).bytes;
  auto file = File::open(scratch.write("f", bytes));
  auto b = read_binary(*file, {});
  ASSERT_EQ(b->toolkits.size(), 2u);
  EXPECT_EQ(b->toolkits[0].text(), "12.4");
  EXPECT_EQ(b->toolkits[1].text(), "13.0");
}

}  // namespace
}  // namespace cufit::collect
