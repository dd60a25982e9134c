#include "collect/compiler.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "collect/environment_scratch.h"

namespace cufit::collect {
namespace {

using namespace test;

std::string compiler(const std::string& text) {
  return test::elf({.sections = {{".rodata", std::string(100'000, 'x') + text}}}).bytes;
}
const std::string kRelease =
    std::string("Cuda compilation tools, release ?\0", 34) + "Cuda compilation tools, release 12.8, V12.8.93";

TEST(Compiler, CompilersOfGpuCodeAreMembersWithTheirRelease) {
  Scratch s;
  make_venv(s);
  install(
      s, kSite,
      {.name = "triton",
       .version = "3",
       .files = {{"triton/bin/ptxas", compiler(kRelease)},
                 {"triton/bin/ptxas-blackwell", compiler("Cuda compilation tools, release 13.0, V13.0.88")},
                 {"triton/bin/nvcc", compiler("no release")},
                 {"triton/bin/nvdisasm", compiler(kRelease)},
                 {"triton/lib/libnvrtc.so.12", compiler(kRelease)},
                 {"triton/lib/libnvrtc-builtins.so.12.8", compiler(kRelease)},
                 {"triton/lib/libnvJitLink-1234.so.12", compiler(kRelease)},
                 {"triton/lib/libnvvm.so.4", compiler(kRelease)},
                 {"triton/lib/libnvrtcnot.so", compiler(kRelease)},
                 {"triton/ptxas", "a script"}}});
  auto subjects = read(s.path("venv"));
  ASSERT_EQ(names(subjects), Names{"triton"});
  std::vector<std::pair<std::string, std::string>> found;
  for (auto& m : subjects[0].members) {
    std::string releases;
    for (auto& t : m.bin.toolkits) releases += t.text();
    found.emplace_back(m.bin.path.substr(s.path(kSite + "/triton/").size()), releases);
  }
  EXPECT_EQ(found, (std::vector<std::pair<std::string, std::string>>{{"bin/nvcc", ""},
                                                                     {"bin/ptxas", "12.8"},
                                                                     {"bin/ptxas-blackwell", "13.0"},
                                                                     {"lib/libnvJitLink-1234.so.12", "12.8"},
                                                                     {"lib/libnvrtc.so.12", "12.8"},
                                                                     {"lib/libnvvm.so.4", "12.8"}}));
}

TEST(Compiler, CompilersInWheelsAreMembersWithTheirRelease) {
  for (bool stored : {true, false}) {
    Scratch s;
    test::ZipWriter zip;
    zip.add({.name = "triton/bin/ptxas", .content = compiler(kRelease), .deflate = !stored});
    s.write("triton-3-py3-none-any.whl", zip.finish());
    auto subjects = read(s.path("triton-3-py3-none-any.whl"));
    ASSERT_EQ(subjects.size(), 1u);
    ASSERT_EQ(subjects[0].members.size(), 1u);
    EXPECT_EQ(subjects[0].members[0].bin.toolkits, std::vector{*Version::parse("12.8")});
  }
}

TEST(Compiler, ACompilerByItselfTellsItsRelease) {
  Scratch s;
  s.write("ptxas", compiler(kRelease));
  EXPECT_EQ(read(s.path("ptxas")).at(0).members.at(0).bin.toolkits, std::vector{*Version::parse("12.8")});
}

}  // namespace
}  // namespace cufit::collect
