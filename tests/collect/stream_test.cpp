// A wheel is read without unpacking it, in one pass forward; what it holds is what its unpacked files hold.
#include <gtest/gtest.h>

#include "collect/binary.h"
#include "collect/scratch.h"
#include "collect/target.h"
#include "formats/narrow_stream.h"
#include "formats/random_elf.h"

namespace cufit::collect {
namespace {

using test::container;
using test::describe;
using test::ElfSpec;
using test::sass;
using test::Scratch;

struct Sample {
  const char* name;
  std::string bytes;
};

const std::string kEighty = container({sass(80)});

/// One file of each kind, and layouts that a reader without the section table gets wrong at first.
std::vector<Sample> samples() {
  std::vector<Sample> all;
  auto add = [&](const char* name, const ElfSpec& spec) { all.push_back({name, test::elf(spec).bytes}); };
  auto wide = ElfSpec{.sections = {{".rodata", "x" + kEighty + test::ptx("8.3", "sm_80")},
                                   {".nv_fatbin", kEighty + container({sass(90, 'a')})},
                                   {"__nv_relfatbin", container({sass(86)})}},
                      .wrappers = {{1, ".nv_fatbin", 0}, {2, ".nv_fatbin", kEighty.size()}},
                      .needed = {"libcudart.so.12"},
                      .soname = "libk.so",
                      .runpath = "$ORIGIN",
                      .build_id = "\x01\x02"};
  add("as linkers write it", wide);
  auto patched = wide;
  patched.dynamic_last = true;
  patched.wrappers[1].relocated = true;
  add("dynamic strings and relocations at the end, as patchelf leaves them", patched);
  auto front = wide;
  front.table = ElfSpec::Table::front;
  add("section table at the front", front);
  auto none = wide;
  none.table = ElfSpec::Table::none;
  add("no section table", none);
  auto zero = patched;
  zero.count_in_section0 = true;
  add("section count in section 0", zero);
  add("code in sections that are not searched",
      {.sections = {{".text", "xxxxxxxx" + kEighty, 1, 6},
                    {".nv_fatbin", container({sass(90)})},
                    {".debug", test::cubin({.arch = 50, .toolkit = 80}), 1, 0}}});
  add("a container across the end of its section",
      {.sections = {{".rodata", kEighty, 1, 2, 8, 0, 0, kEighty.size() - 40},
                    {".nv_fatbin", container({sass(90)})}}});
  add("a container that reaches into a fatbin section",
      {.sections = {{".text", kEighty.substr(0, 100), 1, 6, 1},
                    {".nv_fatbin", kEighty.substr(100) + container({sass(90)}), 1, 2, 1}}});
  add("a PTX text across the end of its section",
      {.sections = {{".rodata", ".version 8.0\n.target sm_9", 1, 2, 1}, {".text", "0a\n", 1, 6, 1}}});
  add("a mark across the start of a section",
      {.sections = {{".text",
                     "\x7f"
                     "EL",
                     1, 6, 1},
                    {".data", std::string("F\2\1\1", 4) + kEighty, 1, 2, 1}}});
  add("holes in a fatbin section", {.sections = {{".nv_fatbin", kEighty + "something else here" + kEighty +
                                                                    std::string(64, '\0') + kEighty}}});
  std::string lying = container({sass(80), sass(86)});
  test::patch<uint32_t>(lying, 16 + sass(80).size() + 4, 3);
  add("a damaged container", {.sections = {{".nv_fatbin", lying + kEighty}, {".rodata", lying}}});
  std::string long_one = container({sass(80)});
  test::patch<uint64_t>(long_one, 8, 3 * long_one.size() / 8 * 8);
  add("a container that is larger than its section",
      {.sections = {{".nv_fatbin", long_one}, {".data", std::string(9000, 'x')}}});
  add("a section table with names of no size",
      {.sections = {{".nv_fatbin", kEighty}}, .needed = {"libcuda.so.1"}});
  test::patch<uint64_t>(all.back().bytes, all.back().bytes.size() - 64 + 32, 0);
  add("sections that lie elsewhere in memory", {.sections = {{".nv_fatbin", kEighty, 1, 2, 8, 0, 0x500000}},
                                                .wrappers = {{2, ".nv_fatbin", 0, true}}});
  add("large and far apart", {.sections = {{".rodata", std::string(300'000, 'r')},
                                           {".nv_fatbin", kEighty, 1, 2, 8, 200'000},
                                           {".data", test::prose(300'000)}},
                              .wrappers = {{2, ".nv_fatbin", 0, true}},
                              .needed = {"libcuda.so.1"},
                              .build_id = "\x7f",
                              .dynamic_last = true,
                              .relocations = 30'000});
  all.push_back({"fatbin", container({sass(80), sass(100, 'f', formats::Packing::zstd)})});
  all.push_back({"cubin", test::cubin({.arch = 86})});
  all.push_back({"zstd cubin", test::packed_as(formats::Packing::zstd, test::cubin({.arch = 86}))});
  all.push_back({"PTX", test::ptx("8.4", "sm_90a")});
  all.push_back(
      {"static library",
       test::archive({{"a.o", test::elf(wide).bytes}, {"b.o", test::elf(patched).bytes}, {"t", "x"}})});
  all.push_back(
      {"damaged static library", test::archive({{"a.o", test::elf(wide).bytes}}) +
                                     "garbage that is no member header, sixty bytes or more of it, all bad"});
  all.push_back({"32-bit", std::string("\x7f"
                                       "ELF\1\1\1\0",
                                       8) +
                               std::string(100, '\0')});
  all.push_back({"cut off", test::elf(wide).bytes.substr(0, 50)});
  all.push_back({"text", "nothing of interest"});
  return all;
}

std::string from_file(const Scratch& scratch, const std::string& bytes, const Options& options) {
  auto file = File::open(scratch.write("file", bytes));
  auto b = read_binary(*file, options);
  return b ? describe(*b) : "nothing";
}

std::string from_stream(const std::string& bytes, const Options& options) {
  auto b = read_binary([&] { return std::make_unique<test::NarrowStream>(as_bytes(bytes), 100); },
                       bytes.size(), options);
  return b ? describe(*b) : "nothing";
}

/// From "everything is kept" down to "nearly nothing", so that each question takes a pass of its own.
const Keep kKeeps[] = {{}, {4096, 4096}, {64, 1}, {64, 300}, {1000, 64}};

TEST(Stream, GivesWhatTheFileGives) {
  Scratch scratch;
  for (const auto& s : samples())
    for (auto pass : {Pass::full, Pass::usual})
      for (const auto& keep : kKeeps)
        EXPECT_EQ(from_stream(s.bytes, {.pass = pass, .keep = keep}),
                  from_file(scratch, s.bytes, {.pass = pass, .keep = keep}))
            << s.name << ", full pass: " << (pass == Pass::full) << ", kept: " << keep.head << " and "
            << keep.tail;
}

TEST(Stream, GivesWhatTheFileGivesForRandomFiles) {
  Scratch scratch;
  for (uint32_t seed = 0; seed < 400; seed++) {
    test::RandomElf random(seed);
    std::string bytes = seed % 2 ? random.damaged() : random.sound().bytes;
    Options options{.pass = seed % 5 ? Pass::full : Pass::usual, .keep = kKeeps[seed % std::size(kKeeps)]};
    ASSERT_EQ(from_stream(bytes, options), from_file(scratch, bytes, options)) << "seed " << seed;
  }
}

/// A stream that counts how often it is begun.
TEST(Stream, FilesAsLinkersWriteThemTakeOnePass) {
  for (const auto& s : samples()) {
    if (std::string_view(s.name) != "as linkers write it") continue;
    int begun = 0;
    read_binary(
        [&] {
          begun++;
          return std::make_unique<MemoryStream>(as_bytes(s.bytes));
        },
        s.bytes.size(), {});
    EXPECT_EQ(begun, 2);  // one to see what it is
  }
}

class Wheels : public testing::TestWithParam<bool> {};

TEST_P(Wheels, GiveWhatTheirUnpackedFilesGive) {
  Scratch scratch;
  test::ZipWriter zip;
  size_t n = 0;
  for (const auto& s : samples()) zip.add({"pkg/" + std::to_string(n++), s.bytes, GetParam()});
  auto wheel = read_target(scratch.write("pkg-1.0-py3-none-any.whl", zip.finish()), {});
  ASSERT_TRUE(wheel) << wheel.error().message;
  ASSERT_EQ(wheel->size(), 1u);
  EXPECT_TRUE(wheel->front().unread.empty());
  EXPECT_EQ(wheel->front().files_read, n);
  std::map<std::string, std::string> inside;
  for (const auto& m : wheel->front().members) inside[m.bin.path] = describe(m.bin);
  n = 0;
  for (const auto& s : samples()) {
    auto file = File::open(scratch.write("file", s.bytes));
    auto b = read_binary(*file, {});
    bool matters = b && (!b->shapes.empty() || !b->unread.empty() || needs_cuda(b->dyn));
    std::string name = "pkg/" + std::to_string(n++);
    EXPECT_EQ(inside[name], matters ? describe(*b) : "") << s.name;
  }
}

INSTANTIATE_TEST_SUITE_P(Methods, Wheels, testing::Bool(),
                         [](const auto& info) { return info.param ? "deflated" : "stored"; });

}  // namespace
}  // namespace cufit::collect
