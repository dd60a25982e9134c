#include "collect/metadata.h"

#include <gtest/gtest.h>

#include "collect/file_names.h"

namespace cufit::collect {
namespace {

// The rules are those of PEP 508; the values are those of CPython on Linux.
TEST(Marker, Holds) {
  const MarkerPlace here{"x86_64", "3.12"};
  struct Case {
    const char* marker;
    std::optional<bool> holds;
  };
  for (auto& c : std::vector<Case>{
           {"sys_platform == 'linux'", true},
           {"sys_platform != \"win32\"", true},
           {"'linux' == sys_platform", true},
           {"platform_system == 'Darwin'", false},
           {"os_name=='nt'", false},
           {"platform_machine == 'aarch64'", false},
           {"platform_machine in 'x86_64 AMD64'", true},
           {"platform_machine not in 'x86_64 AMD64'", false},
           {"python_version >= '3.9'", true},
           {"python_version < '3.10'", false},
           {"extra == 'cuda'", false},
           {"extra == 'cuda' or sys_platform == 'linux'", true},
           {"sys_platform == 'linux' and (platform_machine == 'arm64' or python_version > '3')", true},
           {"sys_platform == 'win32' or sys_platform == 'linux' and python_version < '3'", false},
           {"platform_release >= '5'", std::nullopt},
           {"platform_release >= '5' or os_name == 'posix'", true},
           {"platform_release >= '5' and os_name == 'nt'", false},
           {"platform_release >= '5' and os_name == 'posix'", std::nullopt},
           {"", std::nullopt},
           {"sys_platform ==", std::nullopt},
           {"sys_platform == 'linux", std::nullopt},
           {"sys_platform == 'linux' and", std::nullopt},
           {"sys_platform == 'linux' rubbish", std::nullopt},
           {"sys_platform = 'linux'", std::nullopt},
       })
    EXPECT_EQ(marker_holds(c.marker, here), c.holds) << c.marker;
}

TEST(Marker, WindowsHasItsOwnNames) {
  MarkerPlace windows{"x86_64", "3.12", MarkerPlace::System::windows};
  EXPECT_EQ(marker_holds("sys_platform == 'win32' and platform_machine == 'AMD64'", windows), true);
  EXPECT_EQ(marker_holds("platform_system == 'Linux' or os_name == 'posix'", windows), false);
  MarkerPlace anywhere{"x86_64", "3.12", MarkerPlace::System::unknown};
  EXPECT_EQ(marker_holds("sys_platform == 'win32'", anywhere), std::nullopt);
  EXPECT_EQ(marker_holds("python_version < '3'", anywhere), false);
}

TEST(Marker, ThePatchReleaseOfPythonIsNotKnown) {
  MarkerPlace here{"x86_64", "3.12"};
  EXPECT_EQ(marker_holds("python_full_version < '3.13'", here), true);
  EXPECT_EQ(marker_holds("python_full_version >= '3.13'", here), false);
  EXPECT_EQ(marker_holds("python_full_version < '3.12.4'", here), std::nullopt);
  EXPECT_EQ(marker_holds("python_full_version == '3.12.4'", here), std::nullopt);
}

TEST(Marker, WhatIsNotKnownStaysOpen) {
  EXPECT_EQ(marker_holds("platform_machine == 'x86_64'", {}), std::nullopt);
  EXPECT_EQ(marker_holds("python_version < '3'", {}), std::nullopt);
}

TEST(Marker, ManyParenthesesDoNotExhaustTheStack) {
  EXPECT_EQ(marker_holds(std::string(1'000'000, '('), {}), std::nullopt);
}

TEST(Metadata, AreReadUpToTheDescription) {
  const char* text =
      "Metadata-Version: 2.1\r\nName:  torch \r\nVersion: 2.9.1\r\nRequires-Dist: b>=1\r\nRequires-Dist: "
      "a\r\n"
      "Requires-Dist: a\r\nRequires-Dist: !!\r\n\r\nRequires-Dist: c\r\n";
  EXPECT_EQ(field(text, "Name:"), "torch");
  EXPECT_EQ(field(text, "Version:"), "2.9.1");
  EXPECT_EQ(field(text, "Home-page:"), "");
  EXPECT_EQ(dependencies(text, {}), (std::vector<Dependency>{{"a", ""}, {"b", ">=1"}}));
}

TEST(Metadata, TagsOfAWheelFile) {
  auto r = requires_of_wheel_file(
      "Wheel-Version: 1.0\nTag: cp312-cp312-manylinux_2_28_x86_64\nTag: cp312-cp312-manylinux_2_27_x86_64\n"
      "Tag: rubbish\n");
  EXPECT_EQ(r.python, "cp312");
  EXPECT_EQ(r.glibc, ">=2.27") << "the wheel is good for the older one, too";
  EXPECT_EQ(r.platforms, std::vector<std::string>{"linux_x86_64"});
  auto pure = requires_of("py2.py3", "none", "any");
  EXPECT_EQ(pure.python, "py2, py3");
  EXPECT_FALSE(pure.glibc);
  EXPECT_TRUE(pure.platforms.empty());
  EXPECT_EQ(requires_of("cp311", "cp311", "win_amd64").platforms, std::vector<std::string>{"windows_amd64"});
  EXPECT_EQ(requires_of("cp38", "abi3", "any").python, "cp38-abi3");
  EXPECT_EQ(requires_of("cp313", "cp313t", "any").python, "cp313t");
  EXPECT_EQ(requires_of("cp37", "cp37m", "any").python, "cp37");
  EXPECT_EQ(requires_of("cp311", "cp311", "macosx_11_0_arm64").platforms,
            std::vector<std::string>{"macos_arm64"});
}

TEST(Record, LinesAsCsvHasThem) {
  std::string_view record =
      "a/b.so,sha256=abc,12\r\n\"c,\"\"d\"\".so\",,\nplain\n\n\"two\nlines\",sha256=x,99999999999999999999\n"
      "\"unclosed,1,2";
  struct Expected {
    std::string path;
    std::string sha256;
    std::optional<uint64_t> size;
  };
  RecordLine line;
  for (auto& e : std::vector<Expected>{{"a/b.so", "abc", 12},
                                       {"c,\"d\".so", "", {}},
                                       {"plain", "", {}},
                                       {"", "", {}},
                                       {"two\nlines", "x", {}},
                                       {"unclosed,1,2", "", {}}}) {
    ASSERT_TRUE(take_record_line(record, line));
    EXPECT_EQ(line.path, e.path);
    EXPECT_EQ(line.sha256, e.sha256);
    EXPECT_EQ(line.size, e.size);
  }
  EXPECT_FALSE(take_record_line(record, line));
}

TEST(FileNames, WhatIsOpened) {
  for (auto* name :
       {"lib.so", "lib.so.12.4", "k.cubin", "k.ptx", "ptxas", "data.bin", "LICENSE", ".hidden", "x.a"})
    EXPECT_TRUE(may_hold_code(name)) << name;
  for (auto* name : {"m.py", "m.cpython-312.pyc", "h.h", "h.cuh", "t.txt", "j.json", "y.yml", "w.woff2"})
    EXPECT_FALSE(may_hold_code(name)) << name;
}

TEST(FileNames, WhatIsLoaded) {
  for (auto* name :
       {"lib.so", "lib.so.12.4", "m.cpython-312-x86_64-linux-gnu.so", "lib-1a2b.so.3", "k.fatbin"})
    EXPECT_TRUE(is_loaded_name(name)) << name;
  for (auto* name : {"lib.a", "lib.something", "lib.so.txt", "so", "x.so.1a"})
    EXPECT_FALSE(is_loaded_name(name)) << name;
}

}  // namespace
}  // namespace cufit::collect
