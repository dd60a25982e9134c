#include "model/package.h"

#include <gtest/gtest.h>

namespace cufit {
namespace {

PackageVersion v(std::string_view text) {
  auto parsed = PackageVersion::parse(text);
  EXPECT_TRUE(parsed) << text;
  return parsed.value_or(PackageVersion());
}

TEST(PackageName, IsNormalizedAsInPep503) {
  EXPECT_EQ(normalized_name("Jax_cuda12.plugin"), "jax-cuda12-plugin");
  EXPECT_EQ(normalized_name("a__.b"), "a-b");
}

TEST(PackageVersion, IsOrderedAsInPep440) {
  const char* ascending[] = {"1.13.1", "2.4.0.dev1",  "2.4.0a1", "2.4.0b2", "2.4.0rc1",
                             "2.4.0",  "2.4.0.post1", "2.4.1",   "2.10.0",  "10.0"};
  for (size_t i = 1; i < std::size(ascending); i++) EXPECT_LT(v(ascending[i - 1]), v(ascending[i]));
  EXPECT_EQ(v("2.4"), v("2.4.0"));
  EXPECT_EQ(v("2.2.0+cu121"), v("2.2.0+cu118"));
  EXPECT_EQ(v("2.2.0+cu121").local(), "cu121");
  EXPECT_EQ(v("2.2.0+cu121").text(), "2.2.0");
  EXPECT_LT(v("0.0.27"), v("0.0.27.post2"));
  for (auto bad : {"", "torch", "1..2", "2.2.0+", "1.2x", "1234567890123"})
    EXPECT_FALSE(PackageVersion::parse(bad)) << bad;
}

TEST(Specifier, AllowsWhatItSays) {
  struct Case {
    const char *spec, *version;
    bool allowed;
  };
  const Case cases[] = {
      {"==2.9.1", "2.9.1+cu130", true},
      {"==2.9.1+cu130", "2.9.1+cu130", true},
      {"==2.9.1+cu128", "2.9.1+cu130", false},
      {">=2.4,<2.5", "2.4.1", true},
      {">=2.4,<2.5", "2.5.0", false},
      {"~=2.4.1", "2.4.9", true},
      {"~=2.4.1", "2.5.0", false},
      {"==2.4.*", "2.4.1", true},
      {"!=2.4.*", "2.4.1", false},
      {"", "1.0", true},
      {"(>=2)", "3", true},
      {"> 2.0 , <= 3", "3.0.0", true},
  };
  for (auto& c : cases) {
    auto spec = Specifier::parse(c.spec);
    ASSERT_TRUE(spec) << c.spec;
    EXPECT_EQ(spec->allows(v(c.version)), c.allowed) << c.spec << ' ' << c.version;
  }
  for (auto bad : {"2.4", "=2.4", ">=x", ">=2.*"}) EXPECT_FALSE(Specifier::parse(bad)) << bad;
  EXPECT_EQ(Specifier::parse("==2.9.1+cu130")->exactly()->local(), "cu130");
  EXPECT_FALSE(Specifier::parse(">=2.9")->exactly());
}

TEST(PackageVersion, LocalsAreOrderedAsInPep440) {
  const char* ascending[] = {"", "cpu", "cu118", "cu121", "cu121.1", "rocm6.4", "1", "12"};
  for (size_t i = 1; i < std::size(ascending); i++)
    EXPECT_TRUE(PackageVersion::compare_locals(ascending[i - 1], ascending[i]) < 0) << ascending[i];
  EXPECT_TRUE(PackageVersion::compare_locals("cu121.1", "cu121-1") == 0);
}

TEST(Specifier, KnowsThatNothingIsAllowed) {
  for (auto none : {"==2.4.1,>=2.9", "==2.4.1,==2.9.1", ">=2.9,<2.4", ">2.4,<=2.4", "~=2.4.1,>=2.5",
                    "==2.4.*,>=2.5", "==2.4.1+cu118,==2.4.1+cu121", "==2.4.1,!=2.4.1"})
    EXPECT_TRUE(Specifier::parse(none)->excludes_all()) << none;
  for (auto some : {"", "==2.4.1", "==2.4.1,==2.4.1+cu118", ">=2.4,<=2.4", "~=2.4.1,<2.5", "==2.4.*,>=2.4.1",
                    ">2,<2.1", "~=2.4,>=2.9"})
    EXPECT_FALSE(Specifier::parse(some)->excludes_all()) << some;
  auto both = *Specifier::parse(">=2.4");
  both.join(*Specifier::parse("==2.9.1"));
  EXPECT_EQ(both.text(), ">=2.4,==2.9.1");
  EXPECT_EQ(both.exactly()->text(), "2.9.1");
  EXPECT_EQ(Specifier::parse("==2.4.1,==2.4.1+cu118")->exactly()->local(), "cu118");
}

TEST(Requirement, IsNamedByAWheel) {
  auto r =
      Requirement::of_wheel("https://x/whl/cu118/torch-2.1.0%2Bcu118-cp310-cp310-linux_x86_64.whl#sha256=0");
  ASSERT_TRUE(r);
  EXPECT_EQ(r->name, "torch");
  EXPECT_EQ(r->specifier.text(), "==2.1.0+cu118");
  EXPECT_EQ(Requirement::of_wheel("./flash_attn-2.8.3-cp39-abi3-linux_x86_64.whl")->name, "flash-attn");
  for (auto bad : {"torch-2.1.0.tar.gz", "torch.whl", "https://x/torch-2.1.0", "git+https://x/a-1-py3.whl/b"})
    EXPECT_FALSE(Requirement::of_wheel(bad)) << bad;
}

TEST(Requirement, ReadsNamesExtrasAndMarkers) {
  auto r = Requirement::parse("  JAX_cuda12[cuda12, extra] == 0.7.1 ; python_version > '3.9'");
  ASSERT_TRUE(r);
  EXPECT_EQ(r->name, "jax-cuda12");
  EXPECT_EQ(r->extras, (std::vector<std::string>{"cuda12", "extra"}));
  EXPECT_EQ(r->specifier.exactly()->text(), "0.7.1");
  EXPECT_EQ(r->marker, "python_version > '3.9'");
  for (auto bad : {"", "-e .", "./a.whl", "torch=2", "torch[cuda==2", "https://x/y.whl"})
    EXPECT_FALSE(Requirement::parse(bad)) << bad;
}

}  // namespace
}  // namespace cufit
