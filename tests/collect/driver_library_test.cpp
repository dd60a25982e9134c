#include "collect/driver_library.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "collect/scratch.h"
#include "formats/build.h"

namespace cufit::collect {
namespace {

using test::Scratch;
namespace fs = std::filesystem;
using Kind = DriverLibrary::Kind;
using Env = std::map<std::string, std::string>;

const std::string kNote =
    R"({"format":1,"CUDA version":"13.0","driver":[535,550,565,570,575,580],"device":[1,2,7,8,9,10,11,12,13,14]})";

struct LibrarySpec {
  std::string soname = "libcuda.so.1";
  std::string rodata = {};
  std::string note = {};
  size_t size = 600 << 10;
  bool needs = true;
  std::vector<std::string> symbols = {"cuInit", "cuDriverGetVersion", "nvmlInit", "nvmlInit_v2"};
};

/// A library of a driver, as small as it may be: rodata at the end of .rodata, as in the real ones.
std::string library(const LibrarySpec& spec) {
  test::ElfSpec elf;
  elf.soname = spec.soname;
  elf.symbols = spec.symbols;
  if (spec.needs) elf.needed = {"libc.so.6"};
  if (!spec.note.empty())
    elf.sections.push_back(
        {".note.cuda.fwd_compatibility", test::note("NVIDIA Corporation", 0, spec.note), 7, 2, 4});
  elf.sections.push_back({".rodata", std::string(spec.size, '\0') + spec.rodata + std::string(64, '\0')});
  return test::elf(elf).bytes;
}
std::string stub(const std::string& soname = "libcuda.so.1") {
  return library({.soname = soname, .size = 1000, .needs = false});
}

void link(const Scratch& s, const std::string& target, const std::string& name) {
  fs::create_directories(fs::path(s.path(name)).parent_path());
  fs::create_symlink(target, s.path(name));
}

/// A driver as its installer lays it into a folder.
void install(const Scratch& s, const std::string& folder, const std::string& version) {
  for (std::string stem : {"libcuda.so", "libnvidia-ml.so"}) {
    s.write(folder + '/' + stem + '.' + version, library({.soname = stem + ".1"}));
    link(s, stem + '.' + version, folder + '/' + stem + ".1");
  }
}

std::string told(const DriverLibrary& l) {
  static const char* const kinds[] = {"driver", "stub", "compat", "wsl", "foreign", "unknown"};
  auto* why = std::get_if<Unreadable>(&l.version.is);
  return l.path + " [" + l.on + "] " + kinds[size_t(l.kind)] + ' ' +
         (l.version ? l.version->text()
          : why     ? why->why
                    : "-") +
         " " + l.real;
}
std::vector<std::string> found(const Scratch& s, const Env& env = {},
                               const std::vector<CachedLibrary>& cached = {},
                               const std::string& name = "libcuda.so.1") {
  std::vector<std::string> out;
  for (auto& l : find_driver_libraries(Root(s.path()), env, cached))
    if (l.name == name) out.push_back(told(l));
  return out;
}
using Lines = std::vector<std::string>;

TEST(DriverLibrary, TheNameOfAFileSaysTheVersion) {
  EXPECT_EQ(driver_version_of_name("libcuda.so.535.129.03")->text(), "535.129.03");
  EXPECT_EQ(driver_version_of_name("libnvidia-nvvm.so.610.12")->text(), "610.12");
  for (auto name : {"libcuda.so", "libcuda.so.1", "libcuda.so.1.1", "libnvidia-nvvm.so.4", "libcuda.so.535",
                    "libcuda.so.535.x", "", ".so."})
    EXPECT_FALSE(driver_version_of_name(name)) << name;
}

TEST(DriverLibrary, InTheOrderInWhichAProgramFindsThem) {
  Scratch s;
  install(s, "usr/lib/x86_64-linux-gnu", "550.54.15");
  install(s, "opt/old", "470.57.02");
  install(s, "data/cached", "535.129.03");
  install(s, "usr/local/nvidia/lib64", "580.95.05");
  Env env = {{"LD_LIBRARY_PATH", ":relative:$ORIGIN/x:/nowhere;/opt/old/:"}};
  std::vector<CachedLibrary> cached = {{"libcuda.so.1", "/data/cached/libcuda.so.1"},
                                       {"libcuda.so.1", "/gone/libcuda.so.1"},
                                       {"libother.so.1", "/data/cached/libcuda.so.1"}};
  EXPECT_EQ(found(s, env, cached),
            (Lines{"/opt/old/libcuda.so.1 [LD_LIBRARY_PATH] driver 470.57.02 /opt/old/libcuda.so.470.57.02",
                   "/data/cached/libcuda.so.1 [cache] driver 535.129.03 /data/cached/libcuda.so.535.129.03",
                   "/usr/lib/x86_64-linux-gnu/libcuda.so.1 [default] driver 550.54.15 "
                   "/usr/lib/x86_64-linux-gnu/libcuda.so.550.54.15",
                   "/usr/local/nvidia/lib64/libcuda.so.1 [] driver 580.95.05 "
                   "/usr/local/nvidia/lib64/libcuda.so.580.95.05"}));
  EXPECT_EQ(found(s, env, cached, "libnvidia-ml.so.1").size(), 3u);
}

TEST(DriverLibrary, FoldersThatNoLoaderSearchesByItself) {
  for (std::string folder :
       {"/usr/local/nvidia/lib64", "/usr/local/nvidia/lib", "/home/kubernetes/bin/nvidia/lib64",
        "/run/nvidia/driver/usr/lib/x86_64-linux-gnu", "/opt/nvidia/lib64", "/usr/lib/wsl/lib",
        "/run/opengl-driver/lib"}) {
    Scratch s;
    install(s, folder.substr(1), "565.57.01");
    auto kind = folder == "/usr/lib/wsl/lib" ? " [] wsl " : " [] driver 565.57.01 ";
    auto lines = found(s);
    ASSERT_EQ(lines.size(), 1u) << folder;
    EXPECT_TRUE(lines[0].starts_with(folder + "/libcuda.so.1" + kind)) << lines[0];
    lines = found(s, {{"LD_LIBRARY_PATH", folder}});
    ASSERT_EQ(lines.size(), 1u) << folder;
    EXPECT_NE(lines[0].find("[LD_LIBRARY_PATH]"), std::string::npos) << lines[0];
  }
}

TEST(DriverLibrary, TheOthersOfTheDriver) {
  Scratch s;
  for (std::string stem : {"libnvidia-ptxjitcompiler.so", "libnvidia-ml.so"}) {
    s.write("usr/lib64/" + stem + ".535.129.03", library({.soname = stem + ".1"}));
    link(s, stem + ".535.129.03", "usr/lib64/" + stem + ".1");
    EXPECT_EQ(
        found(s, {}, {}, stem + ".1"),
        Lines{"/usr/lib64/" + stem + ".1 [default] driver 535.129.03 /usr/lib64/" + stem + ".535.129.03"});
  }
}

TEST(DriverLibrary, AFolderUnderTwoNamesCountsOnce) {
  Scratch s;
  install(s, "usr/lib/x86_64-linux-gnu", "550.54.15");
  link(s, "usr/lib", "lib");
  EXPECT_EQ(found(s), Lines{"/lib/x86_64-linux-gnu/libcuda.so.1 [default] driver 550.54.15 "
                            "/usr/lib/x86_64-linux-gnu/libcuda.so.550.54.15"});
}

TEST(DriverLibrary, StubsByFolderAndByWhatTheyHold) {
  Scratch s;
  s.write("usr/local/cuda-12.4/lib64/stubs/libcuda.so", stub());
  s.write("opt/copied/libcuda.so.1", stub());
  EXPECT_EQ(found(s, {{"LD_LIBRARY_PATH", "/opt/copied"}}),
            (Lines{"/opt/copied/libcuda.so.1 [LD_LIBRARY_PATH] stub - /opt/copied/libcuda.so.1",
                   "/usr/local/cuda-12.4/lib64/stubs/libcuda.so [] stub - "
                   "/usr/local/cuda-12.4/lib64/stubs/libcuda.so"}));
}

TEST(DriverLibrary, WithoutTheFunctionsOfItsNameItIsForeign) {
  // What gcc -shared makes of an empty file, and of one that has as many bytes as a driver.
  auto told_of = [](const LibrarySpec& spec) {
    Scratch s;
    s.write("opt/other/libcuda.so.1", library(spec));
    auto lines = found(s, {{"LD_LIBRARY_PATH", "/opt/other"}});
    return lines.size() == 1 ? lines[0].substr(lines[0].find(']') + 2) : "";
  };
  std::string foreign = "foreign - /opt/other/libcuda.so.1";
  EXPECT_EQ(told_of({.size = 1000, .needs = false, .symbols = {}}), foreign);
  EXPECT_EQ(told_of({.size = 1000, .needs = false, .symbols = {"nvmlInit"}}), foreign);
  EXPECT_EQ(told_of({.size = 1000, .symbols = {"cuDriverGetVersionOf"}}), foreign);
  EXPECT_EQ(told_of({.symbols = {"hello"}}), foreign);
  EXPECT_EQ(told_of({.size = 1000, .needs = false, .symbols = {"cuInit"}}), foreign);
  EXPECT_EQ(told_of({.size = 1000, .needs = false}), "stub - /opt/other/libcuda.so.1");
}

TEST(DriverLibrary, WhatCannotBeLoadedIsForeign) {
  Scratch s;
  fs::create_directories(s.path("opt/a/libcuda.so.1"));
  EXPECT_EQ(found(s, {{"LD_LIBRARY_PATH", "/opt/a"}}),
            Lines{"/opt/a/libcuda.so.1 [LD_LIBRARY_PATH] foreign a folder /opt/a/libcuda.so.1"});
  const std::string nvml = "libnvidia-ml.so.1";
  auto whole = library({.soname = nvml});
  for (auto [size, is] :
       {std::pair(whole.size(), "driver - "), std::pair(whole.size() / 2, "foreign the file is cut off ")}) {
    s.write("opt/b/" + nvml, whole.substr(0, size));
    EXPECT_EQ(found(s, {{"LD_LIBRARY_PATH", "/opt/b"}}, {}, nvml),
              Lines{"/opt/b/" + nvml + " [LD_LIBRARY_PATH] " + is + "/opt/b/" + nvml});
  }
}

TEST(DriverLibrary, ASmallLibraryThatNeedsOthersIsNoStub) {
  Scratch s;
  s.write("usr/lib64/libcuda.so.1", library({.size = 1000}));
  EXPECT_EQ(found(s), Lines{"/usr/lib64/libcuda.so.1 [default] unknown - /usr/lib64/libcuda.so.1"});
}

TEST(DriverLibrary, CompatWithItsNote) {
  Scratch s;
  s.write("usr/local/cuda-13.0/compat/libcuda.so.580.95.05", library({.note = kNote}));
  link(s, "libcuda.so.580.95.05", "usr/local/cuda-13.0/compat/libcuda.so.1");
  link(s, "cuda-13.0", "usr/local/cuda");
  Env env = {{"LD_LIBRARY_PATH", "/usr/local/cuda/compat"}};
  auto all = find_driver_libraries(Root(s.path()), env, {});
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(told(all[0]),
            "/usr/local/cuda/compat/libcuda.so.1 [LD_LIBRARY_PATH] compat 580.95.05 "
            "/usr/local/cuda-13.0/compat/libcuda.so.580.95.05");
  EXPECT_EQ(all[0].compat_note, kNote);
}

TEST(DriverLibrary, TheNoteAloneMakesNoCompat) {
  // Driver 580.159.04 carries it in its own libcuda.
  Scratch s;
  s.write("usr/lib64/libcuda.so.1",
          library({.rodata = "nvidia-application-profiles-580.159.04-rc", .note = kNote}));
  auto all = find_driver_libraries(Root(s.path()), {}, {});
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].kind, Kind::driver);
  EXPECT_EQ(all[0].compat_note, kNote);
}

TEST(DriverLibrary, NotesThatAreDamaged) {
  auto note_of = [](const std::string& section) {
    Scratch s;
    test::ElfSpec elf;
    elf.soname = "libcuda.so.1";
    elf.sections = {{".note.cuda.fwd_compatibility", section, 7, 2, 4}};
    auto file = File::open(s.write("l", test::elf(elf).bytes));
    return read_driver_library(*file, false).compat_note;
  };
  auto good = test::note("NVIDIA Corporation", 0, "{}");
  EXPECT_EQ(note_of(good), "{}");
  for (size_t n = 0; n < good.size() - 3; n++) EXPECT_EQ(note_of(good.substr(0, n)), "") << n;
  EXPECT_EQ(note_of(test::note("NVIDIA Corp", 0, "{}")), "");
  EXPECT_EQ(note_of(test::note("NVIDIA Corporation", 0, "\xff\x01")), "");
  auto huge = good;
  test::patch<uint32_t>(huge, 4, 0xffffffff);
  EXPECT_EQ(note_of(huge), "");
  test::patch<uint32_t>(huge, 0, 0xffffffff);
  EXPECT_EQ(note_of(huge), "");
  EXPECT_EQ(note_of(test::note("NVIDIA Corporation", 0, std::string(8000, 'x'))), "");
}

TEST(DriverLibrary, VersionsByBytes) {
  using namespace std::string_literals;
  auto version_of = [](const std::string& rodata, size_t size = 3 << 20) {
    Scratch s;
    auto file = File::open(s.write("l", library({.rodata = rodata, .size = size})));
    auto v = read_driver_library(*file, true).version;
    return v ? v->text() : "-";
  };
  // The texts of libcuda and NVML 535.261.03.
  EXPECT_EQ(version_of("/usr/share/nvidia/nvidia-application-profiles-535.261.03-rc:/usr/share"),
            "535.261.03");
  EXPECT_EQ(version_of("\0"s + "12.535.261.03\0nvmlDeviceSetPstates"s), "535.261.03");
  EXPECT_EQ(version_of("\0"s + "12.535.261.03\0x\0"s + "12.550.54.15\0"s), "-") << "two that differ";
  EXPECT_EQ(version_of("nvidia-application-profiles-rc nvidia-application-profiles-%s-rc"), "-");
  EXPECT_EQ(version_of("535.261.03"), "-");
  // A text that lies across the pieces in which the section is read.
  for (size_t behind : {(1 << 20) - 64 - 20, (1 << 20) - 64 - 40, (1 << 20) - 64 - 1})
    EXPECT_EQ(version_of("nvidia-application-profiles-535.261.03-rc" + std::string(behind, '\0')),
              "535.261.03");
  EXPECT_EQ(version_of("nvidia-application-profiles-535.261.03-rc" + std::string(9 << 20, '\0')), "-")
      << "read beyond the bound";
}

TEST(DriverLibrary, WslSaysNoVersion) {
  Scratch s;
  s.write("usr/lib/wsl/lib/libcuda.so.1.1", library({.size = 1000}));
  link(s, "libcuda.so.1.1", "usr/lib/wsl/lib/libcuda.so.1");
  std::vector<CachedLibrary> cached = {{"libcuda.so.1", "/usr/lib/wsl/lib/libcuda.so.1"}};
  EXPECT_EQ(found(s, {}, cached),
            Lines{"/usr/lib/wsl/lib/libcuda.so.1 [cache] wsl - /usr/lib/wsl/lib/libcuda.so.1.1"});
}

TEST(DriverLibrary, FilesWithoutTheirLink) {
  Scratch s;
  s.write("usr/lib/x86_64-linux-gnu/libcuda.so.550.54.15", library({}));
  s.write("usr/lib/x86_64-linux-gnu/libcudart.so.12.4.127", library({}));
  EXPECT_EQ(found(s), Lines{"/usr/lib/x86_64-linux-gnu/libcuda.so.550.54.15 [] driver 550.54.15 "
                            "/usr/lib/x86_64-linux-gnu/libcuda.so.550.54.15"});
}

TEST(DriverLibrary, WhatIsNoLibrary) {
  Scratch s;
  link(s, "libcuda.so.1.gone", "usr/lib/x86_64-linux-gnu/libcuda.so.1");
  s.write("usr/lib64/libcuda.so.1", "");
  s.write("usr/lib/libcuda.so.1", "GROUP ( /x )");
  s.write("usr/local/nvidia/lib64/libcuda.so.1", library({}).substr(0, 40));
  fs::create_directories(s.path("usr/local/nvidia/lib/libcuda.so.1"));
  fs::create_directories(s.path("opt/nvidia/lib64"));
  ASSERT_EQ(mkfifo(s.path("opt/nvidia/lib64/libcuda.so.1").c_str(), 0600), 0);
  EXPECT_EQ(found(s),
            (Lines{"/usr/lib/x86_64-linux-gnu/libcuda.so.1 [default] unknown - ",
                   "/usr/lib64/libcuda.so.1 [default] foreign the file is empty /usr/lib64/libcuda.so.1",
                   "/usr/lib/libcuda.so.1 [default] foreign no ELF file /usr/lib/libcuda.so.1",
                   "/usr/local/nvidia/lib64/libcuda.so.1 [] foreign no ELF file "
                   "/usr/local/nvidia/lib64/libcuda.so.1",
                   "/usr/local/nvidia/lib/libcuda.so.1 [] foreign a folder "
                   "/usr/local/nvidia/lib/libcuda.so.1",
                   "/opt/nvidia/lib64/libcuda.so.1 [] unknown a FIFO /opt/nvidia/lib64/libcuda.so.1"}));
}

TEST(DriverLibrary, ThirtyTwoBitsAreNotLoaded) {
  Scratch s;
  auto bytes = library({});
  bytes[4] = 1;  // EI_CLASS
  s.write("usr/lib/libcuda.so.1", bytes);
  EXPECT_EQ(found(s), Lines{});
}

TEST(DriverLibrary, LinksStayInsideOfTheRoot) {
  Scratch s;
  install(s, "root/opt/driver", "550.54.15");
  install(s, "opt/driver", "470.57.02");  // beside the root
  link(s, "/opt/driver/libcuda.so.1", "root/usr/lib64/libcuda.so.1");
  link(s, "../../../../../../opt/driver/libcuda.so.1", "root/usr/lib/libcuda.so.1");
  auto all = find_driver_libraries(Root(s.path("root")), {}, {});
  ASSERT_EQ(all.size(), 2u);
  for (auto& l : all) EXPECT_EQ(l.real, "/opt/driver/libcuda.so.550.54.15");
}

TEST(DriverLibrary, NothingIsThere) {
  Scratch s;
  EXPECT_TRUE(find_driver_libraries(Root(s.path("nothing")), {}, {}).empty());
  // An endless variable is cut.
  std::string path;
  for (int i = 0; i < 100'000; i++) path += "/x" + std::to_string(i) + ":";
  EXPECT_TRUE(find_driver_libraries(Root(s.path()), {{"LD_LIBRARY_PATH", path}}, {}).empty());
}

}  // namespace
}  // namespace cufit::collect
