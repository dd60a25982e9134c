#include "formats/elf_object.h"

#include <gtest/gtest.h>

#include "formats/build.h"

namespace cufit::formats {
namespace {

using test::patch;

Result<ElfObject> read(const std::string& s) {
  MemoryBytes bytes(as_bytes(s));
  return read_object(bytes);
}

std::string library() {
  return test::elf(
             {.needed = {"liba.so", "libb.so"}, .soname = "libx.so.1", .rpath = "/r", .runpath = "$ORIGIN"})
      .bytes;
}

TEST(ElfObject, WhatTheDynamicSectionSays) {
  auto o = read(library());
  ASSERT_TRUE(o);
  EXPECT_EQ(o->refused, "");
  EXPECT_TRUE(o->dynamic);
  EXPECT_EQ(o->bits, 64);
  EXPECT_EQ(o->machine, 62);
  EXPECT_EQ(o->soname, "libx.so.1");
  EXPECT_EQ(o->rpath, "/r");
  EXPECT_EQ(o->runpath, "$ORIGIN");
  EXPECT_EQ(o->needed, (std::vector<std::string>{"liba.so", "libb.so"}));
  EXPECT_FALSE(read(test::elf({.sections = {{".rodata", "x"}}}).bytes)->dynamic);
}

TEST(ElfObject, SaysHowLongTheFileWas) {
  auto whole = library();
  EXPECT_EQ(read(whole)->whole_size, 0u);
  EXPECT_EQ(read(whole + "more")->whole_size, 0u);
  auto segment = uint64_t{0};  // where the last loadable one ends
  for (size_t i = 0, at = 64; i < uint8_t(whole[56]); i++, at += 56)
    if (whole[at] == 1)
      segment = std::max(segment, load_at<uint64_t>(as_bytes(whole).data() + at + 8) +
                                      load_at<uint64_t>(as_bytes(whole).data() + at + 32));
  ASSERT_GT(segment, 0u);
  EXPECT_EQ(read(whole.substr(0, segment))->whole_size, 0u) << "the sections are not loaded";
  EXPECT_EQ(read(whole.substr(0, segment - 1))->whole_size, segment);
}

TEST(ElfObject, OtherClassesAreNotRefused) {
  auto narrow = library();
  narrow[4] = 1;
  auto o = read(narrow);
  ASSERT_TRUE(o);
  EXPECT_EQ(o->bits, 32);
  EXPECT_EQ(o->refused, "") << "the loader passes over it";
  narrow[4] = 7;
  EXPECT_EQ(read(narrow)->bits, 32) << "no class at all";
  EXPECT_EQ(read(narrow)->refused, "");
}

TEST(ElfObject, WhatTheLoaderGivesUpOn) {
  EXPECT_EQ(read("").error().message, "file too short");
  EXPECT_EQ(read("\x7f"
                 "ELF")
                .error()
                .message,
            "file too short");
  EXPECT_EQ(read(std::string(64, 'x')).error().message, "invalid ELF header");
  auto with = [](size_t at, char byte) {
    auto s = library();
    s[at] = byte;
    return read(s)->refused;
  };
  EXPECT_EQ(with(5, 2), "ELF file data encoding not little-endian");
  EXPECT_EQ(with(6, 0), "ELF file version ident does not match current one");
  EXPECT_EQ(with(8, 1), "ELF file ABI version invalid");
  EXPECT_EQ(with(15, 1), "nonzero padding in e_ident");
  auto version = library();
  version[20] = 2;
  EXPECT_EQ(read(version).error().message, "ELF file version does not match current one");
  EXPECT_EQ(with(56, 0), "object file has no loadable segments");
  EXPECT_EQ(with(7, 9), "ELF file OS ABI invalid");
  EXPECT_EQ(with(7, 3), "") << "GNU";
  EXPECT_EQ(with(16, 1), "only ET_DYN and ET_EXEC can be loaded");
  EXPECT_EQ(with(54, 57), "ELF file's phentsize not the expected size");
  EXPECT_EQ(with(57, 1), "cannot read file data") << "program headers beyond the end";
}

TEST(ElfObject, LibrariesForWhichItStandsIn) {
  auto image = test::elf({.needed = {"liba.so", "libb.so", "libf.so", "libg.so"}});
  size_t at = image.at[".dynamic"];
  std::vector<size_t> needed;
  for (; needed.size() < 4; at += 16)
    if (load_at<uint64_t>(as_bytes(image.bytes).data() + at) == 1) needed.push_back(at);
  patch<uint64_t>(image.bytes, needed[0], 0x7fffffff);
  patch<uint64_t>(image.bytes, needed[2], 0x7ffffffd);
  auto o = read(image.bytes);
  ASSERT_TRUE(o);
  EXPECT_EQ(o->needed, (std::vector<std::string>{"libb.so", "libg.so"}));
  ASSERT_EQ(o->filtees.size(), 2u);
  EXPECT_EQ(o->filtees[0].name, "liba.so");
  EXPECT_FALSE(o->filtees[0].auxiliary);
  EXPECT_EQ(o->filtees[0].behind, 0u);
  EXPECT_EQ(o->filtees[1].name, "libf.so");
  EXPECT_TRUE(o->filtees[1].auxiliary);
  EXPECT_EQ(o->filtees[1].behind, 1u);
}

TEST(ElfObject, FlagsAndDamageInTheDynamicSection) {
  auto image = test::elf({.needed = {"liba.so"}, .soname = "libx.so"});
  uint64_t dynamic = image.at[".dynamic"];
  // The builder ends with DT_RELA and DT_RELASZ, which are not looked at here.
  auto tags = image.bytes;
  size_t rela = dynamic;
  while (load_at<uint64_t>(reinterpret_cast<const uint8_t*>(tags.data()) + rela) != 7) rela += 16;
  patch<uint64_t>(tags, rela, 0x6ffffffb);
  patch<uint64_t>(tags, rela + 8, 0x8000801);
  EXPECT_TRUE(read(tags)->nodeflib);
  EXPECT_TRUE(read(tags)->pie);
  // Chains of versions that lead nowhere or in circles.
  patch<uint64_t>(tags, rela, 0x6ffffffe);
  for (uint64_t at : {uint64_t{0}, dynamic, uint64_t{image.bytes.size() - 1}, UINT64_MAX}) {
    patch<uint64_t>(tags, rela + 8, at);
    patch<uint64_t>(tags, rela + 16, 0x6fffffff);
    patch<uint64_t>(tags, rela + 24, UINT64_MAX);
    ASSERT_TRUE(read(tags));
    EXPECT_EQ(read(tags)->soname, "libx.so");
  }
}

TEST(ElfObject, AnyTruncationIsRead) {
  auto whole = library();
  for (size_t n = 0; n < whole.size(); n += 3) read(whole.substr(0, n));
}

}  // namespace
}  // namespace cufit::formats
