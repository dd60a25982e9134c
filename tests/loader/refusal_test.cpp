// Files with bytes that are not as they must be: where the real loader passes them over, gives up, or takes
// them, the search does the same.
#include <gtest/gtest.h>

#include "base/text.h"
#include "collect/live_files.h"
#include "loader/compare.h"
#include "loader/stops.h"

namespace cufit {
namespace {

using namespace test;

/// A good library lies behind the one that is changed.
class Refusal : public testing::Test {
 protected:
  void SetUp() override {
    if (!glibc_loader()) GTEST_SKIP() << "NOT TESTED: the loader of this machine is not that of glibc";
    for (auto folder : {"1", "2"}) l.lib(std::string(folder) + "/liba.so", {.soname = "liba.so"});
    program = l.program("p", {.rpath = l.path("1") + ":" + l.path("2")});
    std::ifstream in(l.path("2/liba.so"), std::ios::binary);
    good.assign(std::istreambuf_iterator<char>(in), {});
  }
  void TearDown() override { std::cout << compared << " files compared\n"; }

  void check(const std::string& bytes) {
    l.write("1/liba.so", bytes);
    auto real = run({program, "liba.so"});
    if (real.status != 0) return;  // the loader itself came to an end by it
    auto end = real.out.find('\n');
    auto line = real.out.substr(0, end);
    std::string path = line.starts_with("opened ") ? line.substr(line.find(" => ") + 4) : "";
    collect::LiveFiles files;
    Opened open[] = {{"liba.so", {}}};
    auto loads = loads_of(program, open, files, settings_here({}));
    EXPECT_EQ(loads.back().path, path) << real.out;
    EXPECT_EQ(loads.back().found, path.empty() ? Found::not_found : Found::rpath) << loads.back().why.id;
    EXPECT_EQ(loads_of(program, open, files.index(), settings_here({})), loads) << "from the index";
    compared++;
  }
  void check(size_t at, uint64_t value, size_t size) {
    SCOPED_TRACE(std::to_string(value) + " at " + std::to_string(at));
    auto bytes = good;
    for (size_t i = 0; i < size; i++) bytes[at + i] = char(value >> 8 * i);
    if (bytes != good) check(bytes);
  }

  Lab l;
  std::string program, good;
  size_t compared = 0;
};

TEST_F(Refusal, EachByteOfTheHeader) {
  for (size_t at = 0; at < 24; at++)
    for (uint64_t value : {0, 1, 2, 3, 255}) check(at, value, 1);
  for (size_t at : {32, 33, 34, 39, 54, 55, 57})
    for (uint64_t value : {0, 1, 255}) check(at, value, 1);
  for (uint64_t count : {0, 1, 3}) check(56, count, 2);
  EXPECT_GE(compared, 100u);
}

TEST_F(Refusal, VersionsOfTheAbi) {
  for (uint64_t abi : {0, 3, 9})
    for (uint64_t version : {0, 1, 2, 3, 4, 5, 255}) check(7, abi | version << 8, 2);
  EXPECT_GE(compared, 20u);
}

TEST_F(Refusal, TwoFaultsAtOnce) {
  // Of another machine or class, and wrong beside: what the loader sees first decides.
  for (size_t identity : {4, 18})
    for (size_t at : {5, 6, 7, 8, 9, 15, 16, 20, 54, 57}) {
      auto bytes = good;
      bytes[identity] = 1;
      bytes[at] = 9;
      SCOPED_TRACE(std::to_string(identity) + " and " + std::to_string(at));
      check(bytes);
    }
  EXPECT_EQ(compared, 20u);
}

TEST_F(Refusal, ProgramHeaders) {
  size_t count = uint8_t(good[56]);
  for (size_t i = 0; i < count; i++) {
    size_t header = 64 + 56 * i;
    uint8_t type = uint8_t(good[header]);
    if (type == 2) {
      for (uint64_t other : {0, 4}) check(header, other, 4);  // no dynamic segment
      check(header + 32, 0, 8);                               // an empty one, as in separate debug files
      check(header + 8, 0x10, 8);                             // it counts where it lies in memory
    }
    if (type == 1 && good[header + 1] == 0) {
      for (uint64_t offset : {0x10, 0x800}) check(header + 8, offset, 8);
      for (uint64_t align : {0, 1, 2048, 0x2000}) check(header + 48, align, 8);
    }
  }
  EXPECT_GE(compared, 10u);
}

TEST_F(Refusal, Truncated) {
  for (size_t size : {0, 3, 16, 63, 64, 100, 300}) {
    SCOPED_TRACE(size);
    check(good.substr(0, size));
  }
}

TEST_F(Refusal, CutOffAtEveryLength) {
  constexpr int kBusError = 128 + 7;
  auto starts = l.program("q", {.needed = {"liba.so"}, .rpath = l.path("1")});
  size_t killed = 0, opened = 0;
  for (size_t size = 64 + 56 * size_t(uint8_t(good[56])); size <= good.size(); size += 200) {
    SCOPED_TRACE(size);
    l.write("1/liba.so", good.substr(0, size));
    auto real = run({program, "liba.so"});
    collect::LiveFiles files;
    Opened open[] = {{"liba.so", {}}};
    auto loads = loads_of(program, open, files, settings_here({}));
    EXPECT_EQ(loads.back().kills(), real.status == kBusError) << real.status << real.out;
    EXPECT_EQ(loads_of(program, open, files.index(), settings_here({})), loads) << "from the index";
    (loads.back().kills() ? killed : opened)++;
    auto needed = loads_of(starts, {}, files, settings_here({}));
    EXPECT_EQ(tell_what_stops(needed), run({starts}).status == kBusError);
  }
  EXPECT_GT(killed, 10u);
  EXPECT_GT(opened, 1u);
}

}  // namespace
}  // namespace cufit
