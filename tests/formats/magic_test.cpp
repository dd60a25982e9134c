#include "formats/magic.h"

#include <gtest/gtest.h>

#include "formats/build.h"

namespace cufit::formats {
namespace {

using test::append;

const std::string kFatbin("\x50\xed\x55\xba\x01\x00\x10\x00", 8);

struct Case {
  const char* name;
  std::string bytes;
  Mark mark;
};

std::string wrapper(uint32_t version) {
  std::string s;
  append<uint32_t>(s, 0x466243B1);
  append<uint32_t>(s, version);
  return s;
}

const std::vector<Case>& marks() {
  static const std::vector<Case> cases{
      {"fatbin", kFatbin, Mark::fatbin},
      {"wrapper1", wrapper(1), Mark::wrapper},
      {"wrapper2", wrapper(2), Mark::wrapper},
      {"elf",
       std::string("\x7f"
                   "ELF\2\1\1\0",
                   8),
       Mark::elf},
      {"zstd",
       std::string("\x28\xb5\x2f\xfd"
                   "abcd",
                   8),
       Mark::zstd},
      {"ptx", ".version", Mark::ptx},
  };
  return cases;
}

// Every distance from the start covers each lane of a vector and the scalar end.
TEST(Magic, FindsEveryMarkAtEveryAlignment) {
  for (const auto& c : marks())
    for (size_t before = 0; before < 100; before++)
      for (size_t after : {0, 1, 31, 40}) {
        std::string s = std::string(before, 'x') + c.bytes + std::string(after, 'x');
        auto hit = find_mark(as_bytes(s));
        ASSERT_EQ(hit.at, before) << c.name << " with " << after << " behind";
        ASSERT_EQ(hit.mark, c.mark) << c.name;
      }
}

TEST(Magic, FindsTheFirstOfSeveral) {
  std::string s = "....." + wrapper(1) + kFatbin;
  EXPECT_EQ(find_mark(as_bytes(s)).at, 5u);
  EXPECT_EQ(find_mark(as_bytes(s).subspan(6)).at, 7u);
}

TEST(Magic, SeesNoMarkThatIsCutOff) {
  for (const auto& c : marks())
    for (size_t n = 0; n < kMarkSize; n++)
      EXPECT_EQ(find_mark(as_bytes(c.bytes).first(n)).at, n) << c.name << " cut to " << n;
}

// The four-byte magic alone gave 54 false containers in real libraries.
TEST(Magic, WantsVersionAndHeaderSizeOfAContainer) {
  for (size_t i = 4; i < 8; i++) {
    std::string s = kFatbin;
    s[i] = char(s[i] + 1);
    EXPECT_EQ(find_mark(as_bytes(s)).at, s.size()) << "byte " << i;
  }
}

TEST(Magic, KnowsOnlyWrapperVersionsOneAndTwo) {
  EXPECT_EQ(find_mark(as_bytes(wrapper(0))).at, 8u);
  EXPECT_EQ(find_mark(as_bytes(wrapper(3))).at, 8u);
}

TEST(Magic, LooksForElfFilesOf64BitLittleEndianOnly) {
  for (auto head : {"\x7f"
                    "ELF\1\1\1\0",
                    "\x7f"
                    "ELF\2\2\1\0"})
    EXPECT_EQ(find_mark(as_bytes({head, 8})).at, 8u);
}

}  // namespace
}  // namespace cufit::formats
