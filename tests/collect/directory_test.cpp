#include "collect/directory.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "collect/scratch.h"
#include "collect/target.h"
#include "formats/build.h"

namespace cufit::collect {
namespace {

using test::Scratch;
namespace fs = std::filesystem;

std::vector<std::string> names(const Listing& l, const Scratch& s) {
  std::vector<std::string> out;
  for (const auto& f : l.files) out.push_back(f.path.substr(s.path().size() + 1));
  return out;
}

using Names = std::vector<std::string>;

TEST(Directory, ListsRegularFilesSorted) {
  Scratch s;
  s.write("b/2", "22");
  s.write("a", "1");
  s.write("b/1", "");
  fs::create_directory(s.path("empty"));
  auto l = list_files(s.path());
  EXPECT_EQ(names(l, s), (Names{"a", "b/1", "b/2"}));
  EXPECT_EQ(l.files[2].size, 2u);
  EXPECT_TRUE(l.gaps.empty());
}

TEST(Directory, LoopsOfLinksEnd) {
  Scratch s;
  s.write("d/f", "x");
  fs::create_symlink("..", s.path("d/up"));
  fs::create_symlink(".", s.path("d/self"));
  fs::create_symlink("two", s.path("one"));
  fs::create_symlink("one", s.path("two"));
  fs::create_symlink("gone", s.path("dangling"));
  auto l = list_files(s.path());
  EXPECT_EQ(names(l, s), Names{"d/f"});
  EXPECT_TRUE(l.gaps.empty());
}

TEST(Directory, LinksToFoldersOutOfTheRootAreSaidAndFilesBehindThemListed) {
  Scratch outside, s;
  outside.write("lib.so", "xyz");
  s.write("f", "x");
  fs::create_symlink(outside.path("lib.so"), s.path("file"));
  fs::create_symlink(outside.path("lib.so"), s.path("file_again"));
  fs::create_symlink(outside.path(), s.path("folder"));
  fs::create_symlink("/dev/null", s.path("device"));
  fs::create_symlink("f", s.path("inside"));
  auto l = list_files(s.path());
  EXPECT_EQ(names(l, s), (Names{"f", "file"}));
  EXPECT_EQ(l.files.at(1).size, 3u);
  ASSERT_EQ(l.gaps.size(), 1u);
  EXPECT_EQ(l.gaps[0].path, s.path("folder"));
  EXPECT_EQ(l.gaps[0].what.id, "gap.link-outside");
  EXPECT_EQ(l.gaps[0].what.args[0].second, outside.path());
}

TEST(Target, InARootFileSystemIsWhereItsLinksLeadInside) {
  std::string lib = test::elf({.sections = {{".nv_fatbin", test::container({test::sass(80)})}}}).bytes;
  Scratch host, s;
  // What absolute links name exists on this machine as well, with other code.
  host.write("opt/a.so", test::elf({.sections = {{".nv_fatbin", test::container({test::sass(90)})}}}).bytes);
  s.write("usr/lib/a.so", lib);
  s.write(host.path("opt/a.so").substr(1), lib);
  fs::create_directories(s.path("opt"));
  fs::create_symlink("/usr/lib/a.so", s.path("opt/a.so"));
  fs::create_symlink("../../../../../usr/lib/a.so", s.path("opt/up.so"));
  fs::create_directory_symlink("/opt", s.path("link"));
  fs::create_directory_symlink(host.path("opt"), s.path("host"));
  fs::create_directory_symlink(host.path(), s.path("only_host"));
  fs::create_symlink("loop", s.path("loop"));
  for (std::string target : {"opt/a.so", "opt/up.so", "link/a.so", "link/../../../usr/lib/a.so", "host/a.so",
                             "opt", "link", "host"}) {
    auto subjects = read_target(s.path(target), {.system = s.path()});
    ASSERT_TRUE(subjects) << target;
    ASSERT_EQ(subjects->size(), 1u) << target;
    ASSERT_EQ(subjects->at(0).members.size(), 1u) << target;
    auto& bin = subjects->at(0).members[0].bin;
    EXPECT_TRUE(bin.path.starts_with(s.path())) << bin.path;
    EXPECT_EQ(bin.shapes.at(0).images.at(0).target.number(), 80u) << target;
    EXPECT_TRUE(subjects->at(0).unread.empty()) << target;
  }
  fs::remove(s.path(host.path("opt/a.so").substr(1)));
  for (auto& target : std::vector<std::string>{"loop", "gone", "host/a.so", "../" + host.path("opt/a.so")})
    EXPECT_FALSE(read_target(s.path(target), {.system = s.path()})) << target;
}

TEST(Target, AFolderOfLinksIsReadThroughThem) {
  Scratch outside, s;
  outside.write("python3.12", test::elf({.needed = {"libc.so.6"}}).bytes);
  fs::create_symlink(outside.path("python3.12"), s.path("python"));
  auto subjects = read_target(s.path(), {});
  ASSERT_TRUE(subjects);
  EXPECT_EQ(subjects->at(0).files_read, 1u);
  EXPECT_TRUE(subjects->at(0).unread.empty());
}

TEST(Directory, ARootThatIsALinkIsFollowed) {
  Scratch s;
  s.write("real/f", "x");
  fs::create_directory_symlink("real", s.path("link"));
  EXPECT_EQ(names(list_files(s.path("link")), s), Names{"link/f"});
}

TEST(Directory, HardLinksAreReadOnce) {
  Scratch s;
  s.write("a", "x");
  fs::create_hard_link(s.path("a"), s.path("b"));
  EXPECT_EQ(list_files(s.path()).files.size(), 1u);
}

TEST(Directory, FifosAreNotTouched) {
  Scratch s;
  ASSERT_EQ(mkfifo(s.path("pipe").c_str(), 0600), 0);
  s.write("f", "x");
  EXPECT_EQ(names(list_files(s.path()), s), Names{"f"});
}

TEST(Directory, AFolderThatCannotBeReadIsSaid) {
  Scratch s;
  auto l = list_files(s.path("gone"));
  ASSERT_EQ(l.gaps.size(), 1u);
  EXPECT_EQ(l.gaps[0].what.id, "gap.read-error");
  EXPECT_EQ(l.gaps[0].path, s.path("gone"));
}

TEST(Directory, DeepFoldersDoNotExhaustTheStack) {
  Scratch s;
  std::string deep = s.path();
  for (int i = 0; i < 500; i++) deep += "/d";
  fs::create_directories(deep);
  std::ofstream(deep + "/f") << "x";
  EXPECT_EQ(list_files(s.path()).files.size(), 1u);
}

TEST(Target, OfAFolderIsOneSubjectAndOneForEachWheel) {
  Scratch s;
  std::string lib = test::elf({.sections = {{".nv_fatbin", test::container({test::sass(80)})}}}).bytes;
  test::ZipWriter zip;
  zip.add({"pkg/lib.so", lib});
  s.write("pkg-1.0-py3-none-any.whl", zip.finish());
  s.write("lib/a.so", lib);
  s.write("lib/host.so", test::elf({.needed = {"libc.so.6"}}).bytes);
  s.write("lib/user.so", test::elf({.needed = {"libcudart.so.12"}}).bytes);
  s.write("README", "text");
  auto subjects = read_target(s.path(), {});
  ASSERT_TRUE(subjects);
  ASSERT_EQ(subjects->size(), 2u);
  EXPECT_EQ((*subjects)[0].kind, Subject::Kind::wheel);
  const Subject& rest = (*subjects)[1];
  EXPECT_EQ(rest.kind, Subject::Kind::directory);
  EXPECT_EQ(rest.files_read, 4u);
  ASSERT_EQ(rest.members.size(), 2u) << "libraries without GPU code count only if they need CUDA";
  EXPECT_EQ(rest.members[0].bin.path, s.path("lib/a.so"));
  EXPECT_EQ(rest.members[1].bin.path, s.path("lib/user.so"));
}

TEST(Target, NeedsCuda) {
  EXPECT_TRUE(needs_cuda({{}, {}, {}, {"libc.so.6", "libcublasLt.so.12"}}));
  EXPECT_TRUE(needs_cuda({{}, {}, {}, {"libcuda.so.1"}}));
  EXPECT_FALSE(needs_cuda({{}, {}, {}, {"libc.so.6", "libcudacode.so"}}));
}

}  // namespace
}  // namespace cufit::collect
