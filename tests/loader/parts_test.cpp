// The parts of the search by themselves.
#include <gtest/gtest.h>

#include "loader/cache_lookup.h"
#include "loader/cpu.h"
#include "loader/places.h"
#include "loader/tokens.h"

namespace cufit {
namespace {

using Names = std::vector<std::string>;

TEST(Tokens, WhatIsOneAndWhatIsNot) {
  Tokens t{.origin = "/o", .lib = "lib64", .platform = "haswell"};
  EXPECT_EQ(expand("$ORIGIN/../$LIB", t).text, "/o/../lib64");
  EXPECT_EQ(expand("${ORIGIN}x${PLATFORM}", t).text, "/oxhaswell");
  for (auto text : {"$ORIGINAL", "$ORIGIN_", "${ORIGIN", "$LIBS/x", "$origin", "$", "a$b", "${LIB}}"})
    EXPECT_EQ(expand(text, t).text, std::string(text) == "${LIB}}" ? "lib64}" : text) << text;
  EXPECT_TRUE(has_token("a/$LIB"));
  EXPECT_FALSE(has_token("a/$LIBRARY"));
  EXPECT_EQ(expand("/x/$LIB", {}).open, "$LIB");
  EXPECT_EQ(expand("/x/${PLATFORM}/y", {}).open, "${PLATFORM}");
}

TEST(Tokens, SecureMode) {
  Tokens t{.origin = "/usr/lib/x", .lib = "lib", .platform = "p", .secure = true};
  EXPECT_EQ(expand("$ORIGIN/sub", t).text, "/usr/lib/x/sub");
  EXPECT_EQ(expand("a$ORIGIN", t).text, "") << "not at the front";
  EXPECT_EQ(expand("$ORIGINx", t).text, "$ORIGINx");
  t.trusted = Names{"/usr/lib"};
  EXPECT_EQ(expand("$ORIGIN/sub", t).text, "/usr/lib/x/sub");
  EXPECT_EQ(expand("$ORIGIN/../../../tmp", t).text, "");
  EXPECT_EQ(expand("/tmp/$LIB", t).text, "/tmp/lib") << "only $ORIGIN can be made to lie elsewhere";
}

std::string flags(std::string_view vendor, std::string_view list) {
  return "processor\t: 0\nvendor_id\t: " + std::string(vendor) + "\nflags\t\t: " + std::string(list) +
         "\n\nprocessor\t: 1\n";
}
const std::string kV1 = "fpu cx8 cmov mmx fxsr sse sse2 lm ",
                  kV2 = kV1 + "pni ssse3 cx16 sse4_1 sse4_2 popcnt lahf_lm ",
                  kV3 = kV2 + "fma movbe avx f16c abm bmi1 avx2 bmi2 ",
                  kV4 = kV3 + "avx512f avx512dq avx512cd avx512bw avx512vl ";

TEST(Cpu, Levels) {
  EXPECT_EQ(cpu_of(flags("AuthenticAMD", kV1)).levels, Names{});
  EXPECT_EQ(cpu_of(flags("AuthenticAMD", kV2)).levels, Names{"x86-64-v2"});
  EXPECT_EQ(cpu_of(flags("AuthenticAMD", kV4)).levels, (Names{"x86-64-v4", "x86-64-v3", "x86-64-v2"}));
  EXPECT_EQ(cpu_of(flags("AuthenticAMD", kV1 + "avx avx2")).levels, Names{}) << "a level wants those below";
  EXPECT_EQ(cpu_of("").levels, Names{});
}

TEST(Cpu, Platform) {
  EXPECT_EQ(cpu_of(flags("AuthenticAMD", kV4)),
            (Cpu{{"x86-64-v4", "x86-64-v3", "x86-64-v2"}, "x86_64", false}));
  auto intel = cpu_of(flags("GenuineIntel", kV4));
  EXPECT_EQ(intel.platform, "haswell");
  EXPECT_TRUE(intel.avx512_1);
  EXPECT_EQ(cpu_of(flags("GenuineIntel", kV2)).platform, "x86_64");
  EXPECT_EQ(cpu_of(flags("GenuineIntel", kV3 + "avx512cd avx512er avx512pf")).platform, "xeon_phi");
  EXPECT_EQ(cpu_of("processor : 0\nCPU implementer : 0x41\n").platform, "aarch64");
  EXPECT_EQ(cpu_of("nonsense").platform, "");
}

TEST(Cpu, TunablesTakeLevelsAway) {
  Names all{"x86-64-v4", "x86-64-v3", "x86-64-v2"};
  EXPECT_EQ(levels_left(all, ""), all);
  EXPECT_EQ(levels_left(all, "glibc.malloc.check=3:glibc.cpu.hwcaps=-AVX512F"),
            (Names{"x86-64-v3", "x86-64-v2"}));
  EXPECT_EQ(levels_left(all, "glibc.cpu.hwcaps=-AVX2_Usable"), Names{"x86-64-v2"});
  EXPECT_EQ(levels_left(all, "glibc.cpu.hwcaps=Prefer_ERMS,-SSE4_2"), Names{});
}

TEST(Places, Lists) {
  Tokens t;
  t.origin = "/o";
  auto places = places_of("$ORIGIN/:/x//:/o:::$LIB", ":", Found::runpath, "/o/p", t);
  ASSERT_EQ(places.size(), 4u);
  EXPECT_EQ(places[0].folder, "/o");
  EXPECT_EQ(places[0].entry, "$ORIGIN/");
  EXPECT_EQ(places[1].folder, "/x");
  EXPECT_EQ(places[2].folder, "") << "the working directory, once";
  EXPECT_EQ(places[3].open, "$LIB");
  EXPECT_TRUE(places_of("", ":", Found::rpath, "", t).empty());
  EXPECT_EQ(places_of("a;b:c", ":;", Found::ld_library_path, "", t).size(), 3u);
}

TEST(Places, SubfoldersByVersionAndProcessor) {
  Cpu cpu{{"x86-64-v2"}, "x86_64", false};
  auto names = [&](const std::string& arch, const Cpu* c, std::optional<unsigned> minor) {
    std::string s;
    for (auto& sub : subfolders(arch, c, minor ? &*minor : nullptr, false))
      s += sub.name + (sub.sure ? " " : "? ");
    return s;
  };
  EXPECT_EQ(names("x86_64", &cpu, 39), "glibc-hwcaps/x86-64-v2 ");
  EXPECT_EQ(names("x86_64", &cpu, 31),
            "tls/x86_64/x86_64 tls/x86_64 tls/x86_64 tls x86_64/x86_64 x86_64 x86_64 ");
  EXPECT_EQ(names("x86_64", nullptr, 37),
            "glibc-hwcaps/x86-64-v4? glibc-hwcaps/x86-64-v3? glibc-hwcaps/x86-64-v2? ");
  EXPECT_EQ(names("aarch64", &cpu, 39), "");
  EXPECT_EQ(names("aarch64", &cpu, 28), "tls/aarch64? tls? aarch64? ");
}

TEST(CacheLookup, ComparesNumbersByValue) {
  EXPECT_LT(compare_cached("libfoo.so.9", "libfoo.so.10"), 0);
  EXPECT_EQ(compare_cached("libfoo.so.01", "libfoo.so.1"), 0);
  EXPECT_GT(compare_cached("lib1.so", "liba.so"), 0) << "digits come behind letters";
  EXPECT_LT(compare_cached("liba", "liba.so"), 0);
  EXPECT_GT(compare_cached("liba.so", "liba"), 0);
}

TEST(CacheLookup, FlagsLevelsAndMasks) {
  Cpu v3{{"x86-64-v3", "x86-64-v2"}, "x86_64", false};
  uint64_t bit62 = uint64_t{1} << 62;
  std::vector<CachedLibrary> cache{{"libx.so.1", "/v2", 0x303, bit62, "x86-64-v2"},
                                   {"libx.so.1", "/v3", 0x303, bit62 | 1, "x86-64-v3"},
                                   {"libx.so.1", "/v4", 0x303, bit62 | 2, "x86-64-v4"},
                                   {"libx.so.1", "/arm", 0xa03},
                                   {"libx.so.1", "/plain", 0x303},
                                   {"libx.so.1", "/i386", 3},
                                   {"libt.so.1", "/tls", 0x303, uint64_t{1} << 63},
                                   {"libh.so.1", "/haswell", 0x303, uint64_t{1} << 50},
                                   {"libh.so.1", "/plain-h", 0x303}};
  auto path = [&](const std::string& name, const std::string& arch, std::optional<Cpu> cpu,
                  std::optional<unsigned> m) {
    auto a = look_up(cache, name, arch, cpu, m);
    return a.open ? "?" : a.path;
  };
  EXPECT_EQ(path("libx.so.1", "x86_64", v3, 36), "/v3");
  EXPECT_EQ(path("libx.so.1", "x86_64", Cpu{{"x86-64-v2"}, "", false}, 36), "/v2");
  EXPECT_EQ(path("libx.so.1", "x86_64", Cpu{}, 36), "/plain");
  EXPECT_EQ(path("libx.so.1", "x86_64", v3, 31), "/plain") << "glibc-hwcaps came with 2.33";
  EXPECT_EQ(path("libx.so.1", "x86_64", std::nullopt, 36), "?");
  EXPECT_EQ(path("libx.so.1", "aarch64", v3, 36), "/arm");
  EXPECT_EQ(path("libx.so.1", "m68k", v3, 36), "?");
  EXPECT_EQ(path("libt.so.1", "x86_64", v3, 31), "/tls");
  EXPECT_EQ(path("libh.so.1", "x86_64", v3, 31), "/plain-h");
  v3.platform = "haswell";
  EXPECT_EQ(path("libh.so.1", "x86_64", v3, 31), "/haswell");
  EXPECT_EQ(path("libnot.so", "x86_64", v3, 36), "");
  EXPECT_EQ(look_up({}, "libx.so.1", "x86_64", v3, 36).path, "");
}

}  // namespace
}  // namespace cufit
