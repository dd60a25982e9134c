#include "collect/wheel.h"

#include <gtest/gtest.h>

#include "collect/metadata.h"
#include "collect/scratch.h"
#include "collect/target.h"
#include "formats/build.h"

namespace cufit::collect {
namespace {

using test::Scratch;

TEST(WheelName, AsPep427SaysIt) {
  auto w = parse_wheel_name("torch-2.2.0+cu121-cp311-cp311-linux_x86_64.whl");
  ASSERT_TRUE(w);
  EXPECT_EQ(w->name, "torch");
  EXPECT_EQ(w->version, "2.2.0+cu121");
  EXPECT_EQ(w->python, "cp311");
  EXPECT_EQ(w->platform, "linux_x86_64");
  EXPECT_EQ(parse_wheel_name("a-1-2build-py3-none-any.whl")->python, "py3");
  EXPECT_FALSE(parse_wheel_name("a-1-py3-none-any.zip"));
  EXPECT_FALSE(parse_wheel_name("a-1.whl"));
  EXPECT_FALSE(parse_wheel_name(".whl"));
}

std::optional<std::string> glibc(std::string_view platform) { return requires_of("", "", platform).glibc; }

TEST(WheelName, GlibcOfThePlatform) {
  EXPECT_EQ(glibc("manylinux1_x86_64"), ">=2.5");
  EXPECT_EQ(glibc("manylinux2010_x86_64"), ">=2.12");
  EXPECT_EQ(glibc("manylinux2014_aarch64"), ">=2.17");
  EXPECT_EQ(glibc("manylinux_2_28_x86_64"), ">=2.28");
  EXPECT_EQ(glibc("manylinux_2_17_x86_64.manylinux2014_x86_64"), ">=2.17");
  EXPECT_FALSE(glibc("linux_x86_64"));
  EXPECT_FALSE(glibc("any"));
}

Result<Subject> read(const Scratch& s, const std::string& name, test::ZipWriter& zip) {
  auto file = File::open(s.write(name, zip.finish()));
  return read_wheel(*file, {});
}

const std::string kLibrary =
    test::elf({.sections = {{".nv_fatbin", test::container({test::sass(80)})}}}).bytes;

TEST(Wheel, TakesNameAndVersionFromItsMetadata) {
  Scratch s;
  test::ZipWriter zip;
  zip.add({"Pkg/lib.so", kLibrary});
  zip.add({"pkg-2.0.dist-info/METADATA",
           "Metadata-Version: 2.1\r\nName: Pkg\r\nVersion: 2.0\r\n\r\nName: other\n"});
  zip.add({"Pkg/version.py", "__version__ = '2.0+cu121'\n"});
  auto w = read(s, "renamed.zip", zip);
  ASSERT_TRUE(w);
  EXPECT_EQ(w->kind, Subject::Kind::wheel);
  EXPECT_EQ(w->name, "Pkg");
  EXPECT_EQ(w->version, "2.0+cu121") << "the local version that an index takes off";
  EXPECT_EQ(w->files_read, 3u);
  ASSERT_EQ(w->members.size(), 1u);
  EXPECT_EQ(w->members[0].bin.path, "Pkg/lib.so");
}

TEST(Wheel, TakesNameAndNeedsFromItsFileName) {
  Scratch s;
  test::ZipWriter zip;
  zip.add({"lib.so", kLibrary});
  auto w = read(s, "pkg-1.5-cp312-cp312-manylinux_2_28_x86_64.whl", zip);
  ASSERT_TRUE(w);
  EXPECT_EQ(w->name, "pkg");
  EXPECT_EQ(w->version, "1.5");
  EXPECT_EQ(w->needs.python, "cp312");
  EXPECT_EQ(w->needs.glibc, ">=2.28");
}

TEST(Wheel, OtherZipFilesAreArchives) {
  Scratch s;
  test::ZipWriter zip;
  zip.add({"lib.so", kLibrary});
  auto w = read(s, "files.zip", zip);
  ASSERT_TRUE(w);
  EXPECT_EQ(w->kind, Subject::Kind::archive);
  EXPECT_EQ(w->name, "files.zip");
}

// Nothing is unpacked to a file: such a name is a name.
TEST(Wheel, NamesThatClimbOutWriteNothing) {
  Scratch s;
  test::ZipWriter zip;
  zip.add({"../climb.so", kLibrary});
  zip.add({"/etc/absolute.so", kLibrary});
  auto w = read(s, "in/side.zip", zip);
  ASSERT_TRUE(w);
  ASSERT_EQ(w->members.size(), 2u);
  EXPECT_EQ(w->members[0].bin.path, "../climb.so");
  EXPECT_FALSE(std::filesystem::exists(s.path("climb.so")));
}

TEST(Wheel, MembersThatCannotBeReadAreSaidAndTheOthersAreRead) {
  Scratch s;
  test::ZipWriter zip;
  zip.add({"secret.so", kLibrary});
  zip.add({"packed.so", kLibrary});
  zip.add({"broken.so", kLibrary});
  zip.add({"good.so", kLibrary});
  zip.add({"gone.so", kLibrary});
  std::string bytes = zip.finish();
  test::patch<uint16_t>(bytes, zip.central_at[0] + 8, 1);    // encrypted
  test::patch<uint16_t>(bytes, zip.central_at[1] + 10, 14);  // LZMA
  for (size_t i = 0; i < 40; i++) bytes[zip.local_at[2] + 60 + i] = '\xff';
  for (size_t i = 0; i < 40; i++) bytes[zip.local_at[4] + 37 + i] = '\xff';  // from its first byte on
  auto file = File::open(s.write("a.zip", bytes));
  auto w = read_wheel(*file, {});
  ASSERT_TRUE(w);
  std::map<std::string, std::string> said;
  for (const auto& g : w->unread) said[g.path.substr(g.path.find('!') + 1)] = g.what.id;
  std::string good;
  for (const auto& m : w->members) {
    if (m.bin.unread.empty()) good += m.bin.path;
    for (const auto& g : m.bin.unread) said[m.bin.path] = g.what.id;
  }
  EXPECT_EQ(good, "good.so");
  EXPECT_EQ(said["secret.so"], "gap.member-encrypted");
  EXPECT_EQ(said["packed.so"], "gap.member-method");
  EXPECT_EQ(said["broken.so"], "gap.member-damaged");
  EXPECT_EQ(said["gone.so"], "gap.member-damaged");
}

TEST(Wheel, WindowsBinariesAndArchivesInsideAreSaid) {
  std::string pe(512, '\0');
  pe.replace(0, 2, "MZ");
  pe[0x3c] = '\x80';
  pe.replace(0x80, 2, "PE");
  Scratch s;
  test::ZipWriter zip;
  zip.add({"a.pyd", pe});
  zip.add({"not-windows", "MZ is how this text begins"});
  zip.add({"data.tar.gz", "x"});
  zip.add({"kernels.zip", "x"});
  zip.add({"weights.npz", "x"});
  auto w = read(s, "a.zip", zip);
  ASSERT_TRUE(w);
  ASSERT_EQ(w->members.size(), 1u);
  EXPECT_EQ(w->members[0].bin.unread.at(0).what.id, "gap.windows-binary");
  ASSERT_EQ(w->unread.size(), 2u);
  for (const auto& g : w->unread) EXPECT_EQ(g.what.id, "gap.archive-inside") << g.path;

  s.write("folder/data.tar.xz", "x");
  s.write("folder/a.exe", pe);
  auto folder = read_target(s.path("folder"), {});
  ASSERT_TRUE(folder);
  EXPECT_EQ(folder->at(0).unread.at(0).what.id, "gap.archive-inside");
  EXPECT_EQ(folder->at(0).members.at(0).bin.unread.at(0).what.id, "gap.windows-binary");
}

}  // namespace
}  // namespace cufit::collect
