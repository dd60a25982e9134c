#include "formats/cubin.h"

#include <gtest/gtest.h>

#include <fstream>

#include "formats/build.h"

namespace cufit::formats {
namespace {

using test::CubinSpec;
using test::patch;

std::string file(const std::string& name) {
  std::ifstream in(CUFIT_SOURCE_DIR "/tests/data/gpu/" + name, std::ios::binary);
  std::string s{std::istreambuf_iterator<char>(in), {}};
  EXPECT_FALSE(s.empty()) << name;
  return s;
}

struct Real {
  const char* name;
  unsigned arch;
  char suffix;
  unsigned abi;
  uint16_t toolkit;
  bool empty = false, relocatable = false;
};

/// Our own sources, compiled by nvcc 13.0 and ptxas 11.8, 12.4 and 12.9 (tests/data/gpu/README.md).
class RealCubins : public testing::TestWithParam<Real> {};

TEST_P(RealCubins, SaysWhatTheCompilerWasTold) {
  const Real& r = GetParam();
  std::string s = file(r.name);
  auto c = read_cubin(as_bytes(s));
  ASSERT_TRUE(c);
  EXPECT_EQ(c->image.arch, r.arch);
  EXPECT_EQ(c->image.suffix, r.suffix);
  EXPECT_EQ(c->image.major, 1);
  EXPECT_EQ(c->image.minor, r.abi);
  EXPECT_EQ(c->toolkit, r.toolkit);
  EXPECT_EQ(c->image.empty, r.empty);
  EXPECT_EQ(c->image.relocatable, r.relocatable);
  EXPECT_TRUE(c->complete);
  EXPECT_EQ(cubin_size(as_bytes(s)), s.size());
}

INSTANTIATE_TEST_SUITE_P(
    Data, RealCubins,
    testing::Values(
        Real{"scale_118_sm_80.cubin", 80, 0, 7, 118}, Real{"scale_118_sm_90.cubin", 90, 0, 7, 118},
        Real{"scale_124_sm_90.cubin", 90, 0, 7, 124}, Real{"scale_124_sm_90a.cubin", 90, 'a', 7, 124},
        Real{"scale_129_sm_90a.cubin", 90, 'a', 7, 129}, Real{"scale_129_sm_100a.cubin", 100, 'a', 8, 129},
        Real{"scale_129_sm_100f.cubin", 100, 'f', 8, 129}, Real{"scale_sm_75.cubin", 75, 0, 8, 130},
        Real{"scale_sm_80.cubin", 80, 0, 8, 130}, Real{"scale_sm_90.cubin", 90, 0, 8, 130},
        Real{"scale_sm_90a.cubin", 90, 'a', 8, 130}, Real{"scale_sm_100.cubin", 100, 0, 8, 130},
        Real{"scale_sm_100a.cubin", 100, 'a', 8, 130}, Real{"scale_sm_100f.cubin", 100, 'f', 8, 130},
        Real{"scale_sm_120f.cubin", 120, 'f', 8, 130}, Real{"scale_rdc.cubin", 90, 0, 8, 130, false, true},
        Real{"table.cubin", 90, 0, 8, 130, true}),
    [](const auto& info) {
      std::string name = info.param.name;
      return name.substr(0, name.find('.'));
    });

// CUDA 8 to 12 set bit 0x800 on some sm_50, 60 and 61, where it means something else.
TEST(Cubin, Bit0x800MarksAOnlyFromSm90On) {
  for (unsigned arch : {50u, 60u, 61u, 80u, 89u}) {
    auto c = read_cubin(as_bytes(test::cubin({.arch = arch, .suffix = 'a', .toolkit = 80})));
    ASSERT_TRUE(c);
    EXPECT_EQ(c->image.suffix, 0) << arch;
  }
  auto c = read_cubin(as_bytes(test::cubin({.arch = 90, .suffix = 'a'})));
  EXPECT_EQ(c->image.suffix, 'a');
}

TEST(Cubin, Abi8MarksAByBit3OrByAttribute9) {
  auto suffix = [](CubinSpec spec) { return read_cubin(as_bytes(test::cubin(spec)))->image.suffix; };
  EXPECT_EQ(suffix({.abi = 8, .arch = 100}), 0);
  EXPECT_EQ(suffix({.abi = 8, .arch = 100, .bit3 = true}), 'a');
  EXPECT_EQ(suffix({.abi = 8, .arch = 100, .compat9 = true}), 'a');
  EXPECT_EQ(suffix({.abi = 8, .arch = 100, .compat9 = true, .tkinfo_arch = "sm_100a"}), 'a');
}

// Internal tools of NVIDIA write other values there (0x0f, 0x10, 0xff): they say nothing.
TEST(Cubin, IgnoresTheTopByteOfTheFlags) {
  for (uint32_t top : {0x05u, 0x06u, 0x0fu, 0xffu}) {
    std::string s = test::cubin({.abi = 8, .arch = 75});
    patch<uint32_t>(s, 48, top << 24 | 75u << 8 | 4);
    auto c = read_cubin(as_bytes(s));
    EXPECT_EQ(c->image.arch, 75) << top;
    EXPECT_EQ(c->image.suffix, 0) << top;
  }
}

TEST(Cubin, WithoutTextSectionsItIsEmpty) {
  EXPECT_TRUE(read_cubin(as_bytes(test::cubin({.kernels = false})))->image.empty);
  EXPECT_FALSE(read_cubin(as_bytes(test::cubin({.kernels = true})))->image.empty);
}

TEST(Cubin, APrefixLeavesOpenWhatSectionsTell) {
  std::string s = test::cubin({.abi = 8, .arch = 90, .kernels = false, .toolkit = 130, .compat9 = true});
  for (size_t n = 64; n < s.size(); n += 7) {
    auto c = read_cubin(as_bytes(s).first(n));
    ASSERT_TRUE(c) << n;
    EXPECT_FALSE(c->complete) << n;
    EXPECT_FALSE(c->image.empty) << n;
    EXPECT_EQ(c->image.arch, 90) << n;
  }
}

TEST(Cubin, RefusesOtherFiles) {
  std::string s = test::cubin({});
  EXPECT_FALSE(read_cubin(as_bytes(s).first(63)));
  std::string host = s, narrow = s, big = s, text = s;
  patch<uint16_t>(host, 18, 62);
  narrow[4] = 1;
  big[5] = 2;
  text[0] = 'x';
  for (auto& other : {host, narrow, big, text}) {
    EXPECT_FALSE(read_cubin(as_bytes(other)));
    EXPECT_FALSE(cubin_size(as_bytes(other)));
  }
}

TEST(Cubin, SectionTablesThatLieAreNotFollowed) {
  struct Case {
    const char* what;
    size_t at;
    uint64_t value;
    size_t bytes;
  };
  for (auto c :
       {Case{"table far outside", 40, uint64_t{1} << 60, 8},
        Case{"table that wraps around", 40, UINT64_MAX - 8, 8},
        Case{"section headers of another size", 58, 40, 2}, Case{"more sections than fit", 60, 0xffff, 2},
        Case{"names beyond the sections", 62, 0xfff0, 2}}) {
    std::string s = test::cubin({.kernels = false});
    for (size_t i = 0; i < c.bytes; i++) patch<uint8_t>(s, c.at + i, uint8_t(c.value >> (8 * i)));
    auto cubin = read_cubin(as_bytes(s));
    ASSERT_TRUE(cubin) << c.what;
    EXPECT_FALSE(cubin->complete) << c.what;
    EXPECT_FALSE(cubin->image.empty) << c.what << ": unknown is not empty";
  }
}

}  // namespace
}  // namespace cufit::formats
