#include "collect/environment.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "collect/environment_scratch.h"
#include "collect/links.h"
#include "collect/target.h"

namespace cufit::collect {
namespace {

using test::gpu_library;
using test::host_library;
using test::install;
using test::kSite;
using test::make_venv;
using test::Scratch;
namespace fs = std::filesystem;

std::vector<Subject> read(const std::string& path) {
  auto subjects = read_target(path, {});
  EXPECT_TRUE(subjects);
  return subjects ? std::move(*subjects) : std::vector<Subject>();
}

std::vector<std::string> names(const std::vector<Subject>& subjects) {
  std::vector<std::string> out;
  for (auto& s : subjects) out.push_back(s.kind == Subject::Kind::directory ? "dir:" + s.name : s.name);
  return out;
}

std::vector<std::string> members(const Subject& s, const std::string& below) {
  std::vector<std::string> out;
  for (auto& m : s.members) {
    EXPECT_TRUE(m.bin.path.starts_with(below)) << m.bin.path;
    out.push_back(m.bin.path.substr(std::min(below.size() + 1, m.bin.path.size())));
  }
  return out;
}

std::vector<std::string> gaps(const Subject& s) {
  std::vector<std::string> out;
  for (auto& g : s.unread) out.push_back(g.what.id);
  return out;
}

using Names = std::vector<std::string>;

TEST(Environment, EachPackageWithGpuCodeIsASubject) {
  Scratch s;
  make_venv(s);
  install(
      s, kSite,
      {.name = "torch",
       .version = "2.9.1+cu130",
       .files = {{"torch/lib/libtorch_cuda.so", gpu_library()},
                 {"torch/lib/libc10.so", host_library()},
                 {"torch/__init__.py", "import"}},
       .metadata =
           "Requires-Dist: Nvidia_NCCL.cu13 (==2.27)\n"
           "Requires-Dist: filelock\n"
           "Requires-Dist: opt-einsum>=3.3; extra == 'opt-einsum'\n"
           "Requires-Dist: pywin32; sys_platform == \"win32\"\n"
           "Requires-Dist: triton==3.5.1; platform_system == \"Linux\" and platform_machine == \"x86_64\"\n"
           "Requires-Dist: sbsa-only; platform_machine == \"aarch64\"\n"
           "Requires-Dist: old-python; python_version < '3.9'\n"});
  install(s, kSite, {.name = "numpy", .version = "2.1.0", .files = {{"numpy/_core.so", host_library()}}});
  install(s, kSite,
          {.name = "Pkg.User",
           .version = "1",
           .files = {{"pkg/u.so", test::elf({.needed = {"libcudart.so.12"}}).bytes}}});

  auto subjects = read(s.path("venv"));
  ASSERT_EQ(names(subjects), (Names{"Pkg.User", "torch"}));
  auto& torch = subjects[1];
  EXPECT_EQ(torch.kind, Subject::Kind::distribution);
  EXPECT_EQ(torch.version, "2.9.1+cu130");
  EXPECT_EQ(torch.environment, s.path("venv"));
  EXPECT_EQ(torch.path, s.path(kSite + "/torch-2.9.1+cu130.dist-info"));
  EXPECT_EQ(torch.needs.python, "cp312");
  EXPECT_EQ(torch.needs.glibc, ">=2.28");
  EXPECT_EQ(torch.needs.platforms, Names{"linux_x86_64"});
  EXPECT_EQ(
      torch.dependencies,
      (std::vector<Dependency>{{"filelock", ""}, {"nvidia-nccl-cu13", "==2.27"}, {"triton", "==3.5.1"}}));
  EXPECT_EQ(members(torch, s.path(kSite)), Names{"torch/lib/libtorch_cuda.so"});
  EXPECT_EQ(torch.files_read, 2u);
  EXPECT_TRUE(torch.unread.empty());
}

TEST(Environment, FilesOfNoPackageAreOneMoreSubject) {
  Scratch s;
  make_venv(s);
  install(s, kSite, {.name = "a", .version = "1", .files = {{"a/a.so", gpu_library()}}});
  s.write(kSite + "/built_by_hand.so", gpu_library(90));
  auto subjects = read(s.path("venv"));
  ASSERT_EQ(names(subjects), (Names{"a", "dir:" + s.path("venv")}));
  EXPECT_EQ(subjects[1].environment, s.path("venv"));
  EXPECT_EQ(members(subjects[1], s.path(kSite)), Names{"built_by_hand.so"});
}

TEST(Environment, WithoutGpuCodeIsOneSubjectWithoutMembers) {
  Scratch s;
  make_venv(s);
  install(s, kSite,
          {.name = "pip",
           .version = "1",
           .files = {{"pip/t64.exe", "MZ" + std::string(58, '\0') + std::string("\x40\0\0\0PE\0\0", 8)}}});
  auto subjects = read(s.path("venv"));
  ASSERT_EQ(names(subjects), Names{"dir:" + s.path("venv")});
  EXPECT_TRUE(subjects[0].members.empty());
}

TEST(Environment, AFolderForPackagesIsOneByItself) {
  Scratch s;
  make_venv(s);
  install(s, kSite, {.name = "a", .version = "1", .files = {{"a/a.so", gpu_library()}}});
  auto subjects = read(s.path(kSite));
  ASSERT_EQ(names(subjects), Names{"a"});
  EXPECT_EQ(subjects[0].environment, s.path(kSite));
}

TEST(Environment, PipTargetFoldersAreOnes) {
  Scratch s;
  install(s, "libs", {.name = "a", .version = "1", .files = {{"a/a.so", gpu_library()}}});
  auto subjects = read(s.path());
  ASSERT_EQ(names(subjects), Names{"a"});
  EXPECT_EQ(subjects[0].environment, s.path("libs"));
}

TEST(Environment, NestedOnesAreKeptApart) {
  Scratch s;
  for (std::string v : {"one", "two", "two/inner"}) {
    make_venv(s, v);
    install(s, v + "/lib/python3.11/site-packages",
            {.name = "a", .version = "1", .files = {{"a/a.so", gpu_library()}}});
  }
  s.write("beside.so", gpu_library());
  auto subjects = read(s.path());
  ASSERT_EQ(names(subjects), (Names{"a", "a", "a", "dir:" + s.path()}));
  EXPECT_EQ(subjects[0].environment, s.path("one"));
  EXPECT_EQ(subjects[1].environment, s.path("two"));
  EXPECT_EQ(subjects[2].environment, s.path("two/inner"));
  EXPECT_EQ(subjects[3].environment, "");
  for (auto& subject : subjects) EXPECT_EQ(subject.members.size(), 1u);
}

TEST(Environment, APrefixWithoutAMarkIsKnownByItsFolders) {
  Scratch s;
  install(s, "usr/lib/python3/dist-packages",
          {.name = "a", .version = "1", .files = {{"a/a.so", gpu_library()}}});
  install(s, "usr/local/lib/python3.10/dist-packages",
          {.name = "b", .version = "1", .files = {{"b/b.so", gpu_library()}}});
  install(s, "opt/py/lib/python3.11/site-packages",
          {.name = "c", .version = "1", .files = {{"c/c.so", gpu_library()}}});
  auto subjects = read(s.path());
  ASSERT_EQ(names(subjects), (Names{"c", "a", "b"}));
  EXPECT_EQ(subjects[0].environment, s.path("opt/py"));
  EXPECT_EQ(subjects[1].environment, s.path("usr"));
  EXPECT_EQ(subjects[2].environment, s.path("usr")) << "one Python looks in both";
}

TEST(Environment, PackagesInsideOfPackagesAreNone) {
  Scratch s;
  make_venv(s);
  install(s, kSite,
          {.name = "setuptools", .version = "1", .files = {{"setuptools/_vendor/v/v.so", gpu_library()}}});
  s.write(kSite + "/setuptools/_vendor/v-1.dist-info/METADATA", "Name: v\nVersion: 1\n");
  auto subjects = read(s.path("venv"));
  ASSERT_EQ(names(subjects), Names{"setuptools"});
}

TEST(Environment, SourcesWithAnEggInfoAreNone) {
  Scratch s;
  s.write("project/my.egg-info/PKG-INFO", "Name: my\n");
  s.write("project/build/my.so", gpu_library());
  s.write("project/kernel.txt", test::ptx("8.0", "sm_80"));
  auto subjects = read(s.path("project"));
  ASSERT_EQ(names(subjects), Names{"dir:" + s.path("project")});
  EXPECT_EQ(subjects[0].members.size(), 2u) << "in a plain folder files of every name are looked at";
}

TEST(Environment, LeftoversOfABrokenUninstallationAreNoPackage) {
  EXPECT_FALSE(is_distribution_name("~orch-2.0.dist-info"));
  EXPECT_TRUE(is_distribution_name("torch-2.0.dist-info"));
  EXPECT_FALSE(is_distribution_name("nothing.dist-info"));
}

TEST(Environment, MissingLibrariesAreGaps) {
  Scratch s;
  make_venv(s);
  test::PackageSpec p{.name = "a",
                      .version = "1",
                      .files = {{"a/a.so", gpu_library()},
                                {"a/gone.py", "x", false},
                                {"a/libgone.a", "x", false},
                                {"a/bin/tool", std::string(2000, 'x'), false},
                                {"a/unknown.dat", "x", false}}};
  for (int i = 0; i < 25; i++) p.files.push_back({"a/gone" + std::to_string(i) + ".so.1", "x", false});
  install(s, kSite, p);
  auto subjects = read(s.path("venv"));
  ASSERT_EQ(names(subjects), Names{"a"});
  auto found = gaps(subjects[0]);
  EXPECT_EQ(std::ranges::count(found, "gap.file-missing"), 20);
  EXPECT_EQ(std::ranges::count(found, "gap.program-missing"), 2);
  auto more =
      std::ranges::find(subjects[0].unread, "gap.files-missing", [](const Gap& g) { return g.what.id; });
  ASSERT_NE(more, subjects[0].unread.end());
  EXPECT_EQ(more->what.args, (std::vector<std::pair<std::string, std::string>>{{"count", "5"}}));
  EXPECT_EQ(found.size(), 23u);
}

TEST(Environment, APackageOfWhichAllIsMissingIsASubject) {
  Scratch s;
  make_venv(s);
  install(s, kSite, {.name = "a", .version = "1", .files = {{"a/a.so", gpu_library(), false}}});
  auto subjects = read(s.path("venv"));
  ASSERT_EQ(names(subjects), Names{"a"});
  EXPECT_EQ(gaps(subjects[0]), Names{"gap.file-missing"});
  EXPECT_EQ(subjects[0].unread[0].path, s.path(kSite + "/a/a.so"));
}

TEST(Environment, ATruncatedLibraryMakesItsPackageASubject) {
  Scratch s;
  make_venv(s);
  install(s, kSite, {.name = "a", .version = "1", .files = {{"a/a.so", host_library().substr(0, 70)}}});
  auto subjects = read(s.path("venv"));
  ASSERT_EQ(names(subjects), Names{"a"});
  ASSERT_EQ(subjects[0].members.size(), 1u);
  EXPECT_FALSE(subjects[0].members[0].bin.unread.empty());
}

TEST(Environment, WithoutMetadataTheFolderTellsTheName) {
  Scratch s;
  make_venv(s);
  install(s, kSite, {.name = "a_b", .version = "1.5", .files = {{"a/a.so", gpu_library()}}});
  fs::remove(s.path(kSite + "/a_b-1.5.dist-info/METADATA"));
  auto subjects = read(s.path("venv"));
  ASSERT_EQ(names(subjects), Names{"a_b"});
  EXPECT_EQ(subjects[0].version, "1.5");
  EXPECT_TRUE(subjects[0].unread.empty());
}

TEST(Environment, ALocalVersionThatTheIndexTookOffComesFromVersionPy) {
  Scratch s;
  make_venv(s);
  install(s, kSite, {.name = "torch", .version = "2.2.0", .files = {{"torch/t.so", gpu_library()}}});
  s.write(kSite + "/torch/version.py", "__version__ = '2.2.0+cu121'\n");
  EXPECT_EQ(read(s.path("venv")).at(0).version, "2.2.0+cu121");
}

TEST(Environment, AnOverwrittenFileBelongsToWhomItsSizeFits) {
  Scratch s;
  make_venv(s);
  auto small = gpu_library(80), large = gpu_library(90) + std::string(100, '\0');
  install(s, kSite, {.name = "nccl-cu13", .version = "2", .files = {{"nvidia/libnccl.so.2", large}}});
  install(s, kSite, {.name = "nccl-cu12", .version = "1", .files = {{"nvidia/libnccl.so.2", small, false}}});
  auto subjects = read(s.path("venv"));
  ASSERT_EQ(names(subjects), (Names{"nccl-cu12", "nccl-cu13"}));
  EXPECT_TRUE(subjects[0].members.empty());
  ASSERT_EQ(gaps(subjects[0]), Names{"gap.file-overwritten"});
  EXPECT_EQ(subjects[0].unread[0].what.args,
            (std::vector<std::pair<std::string, std::string>>{{"name", "nccl-cu13"}, {"version", "2"}}));
  EXPECT_EQ(members(subjects[1], s.path(kSite)), Names{"nvidia/libnccl.so.2"});
  EXPECT_TRUE(subjects[1].unread.empty());
}

TEST(Environment, AmongEqualSizesTheHashDecides) {
  for (bool first : {true, false}) {
    Scratch s;
    make_venv(s);
    auto one = gpu_library(80), two = gpu_library(90);
    ASSERT_EQ(one.size(), two.size());
    install(s, kSite, {.name = "a", .version = "1", .files = {{"n/n.so", one, first}}});
    install(s, kSite, {.name = "b", .version = "1", .files = {{"n/n.so", two, !first}}});
    auto subjects = read(s.path("venv"));
    ASSERT_EQ(names(subjects), (Names{"a", "b"}));
    EXPECT_EQ(subjects[0].members.size(), first ? 1u : 0u);
    EXPECT_EQ(subjects[1].members.size(), first ? 0u : 1u);
  }
}

TEST(Environment, EqualFilesOfTwoPackagesAreNotOverwritten) {
  Scratch s;
  make_venv(s);
  install(s, kSite, {.name = "a", .version = "1", .files = {{"n/n.so", gpu_library()}}});
  install(s, kSite, {.name = "b", .version = "1", .files = {{"n/n.so", gpu_library()}}});
  for (auto& subject : read(s.path("venv"))) EXPECT_TRUE(gaps(subject).empty()) << subject.name;
}

TEST(Environment, RecordedPathsStayInside) {
  Scratch s;
  make_venv(s);
  s.write("secret/lib.so", gpu_library());
  s.write("venv/bin/tool", gpu_library());
  s.write(kSite + "/x/quoted, \"name\".so", gpu_library());
  install(s, kSite, {.name = "a", .version = "1", .files = {{"a/a.so", gpu_library()}}});
  std::ofstream(s.path(kSite + "/a-1.dist-info/RECORD"), std::ios::app) << "../../../bin/tool,,\n"
                                                                        << "\"x/quoted, \"\"name\"\".so\",,\n"
                                                                        << "../../../../secret/lib.so,,\n"
                                                                        << "/etc/lib.so,,\n"
                                                                        << s.path("venv/bin/tool") << ",,\n"
                                                                        << "a//b/./../../a/a.so,,\n";
  auto subjects = read(s.path("venv"));
  ASSERT_EQ(names(subjects), Names{"a"});
  EXPECT_EQ(members(subjects[0], s.path("venv")),
            (Names{"bin/tool", "lib/python3.12/site-packages/a/a.so",
                   "lib/python3.12/site-packages/x/quoted, \"name\".so"}));
  ASSERT_EQ(gaps(subjects[0]), Names{"gap.record-outside"});
  EXPECT_EQ(subjects[0].unread[0].what.args[1].second, "2");
}

TEST(Environment, AHostileRecordIsRead) {
  Scratch s;
  make_venv(s);
  install(s, kSite, {.name = "a", .version = "1", .files = {{"a/a.so", gpu_library()}}});
  std::string record = "a/a.so,sha256=!!,-1\n\"unclosed,,,\n,,,,,\n\n\r\n\0,\n";
  for (int i = 0; i < 200'000; i++) record += "a/" + std::to_string(i) + ".so,,\n";
  s.write(kSite + "/a-1.dist-info/RECORD", "a/a.so,,\n" + record.substr(record.find("\n\n")));
  auto subjects = read(s.path("venv"));
  ASSERT_EQ(names(subjects), Names{"a"});
  EXPECT_EQ(subjects[0].members.size(), 1u);
  EXPECT_EQ(std::ranges::count(gaps(subjects[0]), "gap.read-error"), 1) << "too many files";
  EXPECT_LT(subjects[0].unread.size(), 30u);
}

TEST(Environment, LinksOfEnvironmentsAndInsideThem) {
  Scratch s;
  make_venv(s);
  install(s, kSite, {.name = "a", .version = "1", .files = {{"a/a.so", gpu_library()}}});
  fs::create_directory_symlink("lib", s.path("venv/lib64"));
  fs::create_directory_symlink("venv", s.path("link"));
  std::ofstream(s.path(kSite + "/a-1.dist-info/RECORD"), std::ios::app)
      << "../../../lib64/python3.12/site-packages/b/b.so,,\n";
  s.write(kSite + "/b/b.so", gpu_library());
  auto subjects = read(s.path("link"));
  ASSERT_EQ(names(subjects), Names{"a"});
  EXPECT_EQ(subjects[0].environment, s.path("link"));
  EXPECT_EQ(members(subjects[0], s.path("link/lib/python3.12/site-packages")), (Names{"a/a.so", "b/b.so"}));
}

TEST(Environment, ARecordedFileBehindALinkIsRead) {
  Scratch cache, s;
  cache.write("a.so", gpu_library());
  cache.write("other.so", gpu_library());
  make_venv(s);
  install(s, kSite, {.name = "a", .version = "1", .files = {{"a/a.so", gpu_library(), false}}});
  fs::create_directories(s.path(kSite + "/a"));
  fs::create_symlink(cache.path("a.so"), s.path(kSite + "/a/a.so"));
  fs::create_symlink(cache.path("other.so"), s.path(kSite + "/a/other.so"));
  auto subjects = read(s.path("venv"));
  ASSERT_EQ(names(subjects), (Names{"a", "dir:" + s.path("venv")}));
  EXPECT_EQ(members(subjects[0], s.path(kSite)), Names{"a/a.so"});
  EXPECT_TRUE(subjects[0].unread.empty());
  EXPECT_EQ(members(subjects[1], s.path(kSite)), Names{"a/other.so"})
      << "no package lists it, but it is loaded";
}

TEST(Environment, TheInterpreterBehindALinkIsNothing) {
  Scratch base, s;
  make_venv(s);
  fs::create_directories(s.path("venv/bin"));
  for (auto name : {"python", "python3", "python3.12"})
    fs::create_symlink(base.write("python3.12", host_library()), s.path("venv/bin") + '/' + name);
  install(s, kSite, {.name = "numpy", .version = "2.1.0", .files = {{"numpy/_core.so", host_library()}}});
  auto subjects = read(s.path("venv"));
  ASSERT_EQ(names(subjects), Names{"dir:" + s.path("venv")});
  EXPECT_TRUE(subjects[0].unread.empty());
  EXPECT_TRUE(subjects[0].members.empty());
}

TEST(Environment, OfScriptsThatAreNotThereNothingIsSaid) {
  Scratch s;
  make_venv(s);
  install(s, kSite,
          {.name = "torch",
           .version = "1",
           .files = {{"torch/t.so", gpu_library()},
                     {"../../../bin/torchrun", "x", false},
                     {"torch/bin/protoc", "x", false}}});
  auto subjects = read(s.path("venv"));
  ASSERT_EQ(names(subjects), Names{"torch"});
  ASSERT_EQ(gaps(subjects[0]), Names{"gap.program-missing"});
  EXPECT_EQ(subjects[0].unread[0].path, s.path(kSite + "/torch/bin/protoc"));
}

TEST(Environment, WithoutRecordEveryFolderIsTheirs) {
  Scratch s;
  make_venv(s);
  s.write(kSite + "/foo-1.egg-info/PKG-INFO", "Name: foo\nVersion: 1\n");
  for (auto name : {"include/x.so", "pkgs/y.so", "conda-meta/z.so", "lib/w.so"})
    s.write(kSite + "/foo/" + name, gpu_library());
  s.write(kSite + "/foo/include/Header", gpu_library());
  install(s, kSite, {.name = "listed", .version = "1", .files = {{"listed/l.so", gpu_library()}}});
  s.write(kSite + "/listed/include/unlisted.so", gpu_library());
  auto subjects = read(s.path("venv"));
  ASSERT_EQ(names(subjects), (Names{"foo", "listed"}));
  EXPECT_EQ(members(subjects[0], s.path(kSite + "/foo")),
            (Names{"conda-meta/z.so", "include/x.so", "lib/w.so", "pkgs/y.so"}));
}

TEST(Environment, WithoutRecordTheTopLevelFoldersAreThePackages) {
  Scratch s;
  std::string site = "usr/lib/python3/dist-packages";
  s.write(site + "/pycuda-2022.1.egg-info/PKG-INFO", "Name: pycuda\nVersion: 2022.1\nRequires-Dist: mako\n");
  s.write(site + "/pycuda-2022.1.egg-info/top_level.txt", "pycuda\n_driver\n");
  s.write(site + "/pycuda/k.cubin", test::cubin({}));
  s.write(site + "/_driver.cpython-310-x86_64-linux-gnu.so", gpu_library());
  s.write(site + "/other-1.egg-info", "Name: Other\nVersion: 1\n");
  s.write(site + "/other/o.so", gpu_library());
  s.write(site + "/old-3.egg/EGG-INFO/PKG-INFO", "Name: old\nVersion: 3\n");
  s.write(site + "/old-3.egg/old/o.so", gpu_library());
  auto subjects = read(s.path());
  ASSERT_EQ(names(subjects), (Names{"old", "Other", "pycuda"}));
  EXPECT_EQ(members(subjects[0], s.path(site)), Names{"old-3.egg/old/o.so"});
  EXPECT_EQ(subjects[0].version, "3");
  EXPECT_EQ(members(subjects[1], s.path(site)), Names{"other/o.so"});
  EXPECT_EQ(members(subjects[2], s.path(site)),
            (Names{"_driver.cpython-310-x86_64-linux-gnu.so", "pycuda/k.cubin"}));
  EXPECT_EQ(subjects[2].version, "2022.1");
  EXPECT_EQ(subjects[2].dependencies, (std::vector<Dependency>{{"mako", ""}}));
}

TEST(Environment, AnEmptyRecordIsNone) {
  Scratch s;
  make_venv(s);
  install(s, kSite, {.name = "cupy", .version = "14.2", .files = {{"cupy/core.so", gpu_library()}}});
  s.write(kSite + "/cupy-14.2.dist-info/RECORD", "");
  auto subjects = read(s.path("venv"));
  ASSERT_EQ(names(subjects), Names{"cupy"});
  EXPECT_EQ(members(subjects[0], s.path(kSite)), Names{"cupy/core.so"});
}

TEST(Environment, SetuptoolsListsInstalledFiles) {
  Scratch s;
  make_venv(s);
  s.write(kSite + "/a-1.egg-info/PKG-INFO", "Name: a\nVersion: 1\n");
  s.write(kSite + "/a-1.egg-info/installed-files.txt", "../odd/a.so\n../odd/gone.so\nPKG-INFO\n");
  s.write(kSite + "/odd/a.so", gpu_library());
  auto subjects = read(s.path("venv"));
  ASSERT_EQ(names(subjects), Names{"a"});
  EXPECT_EQ(subjects[0].members.size(), 1u);
  EXPECT_EQ(gaps(subjects[0]), Names{"gap.file-missing"});
}

TEST(Environment, ATrailingSlashChangesNothing) {
  Scratch s;
  make_venv(s);
  install(s, kSite, {.name = "a", .version = "1", .files = {{"a/a.so", gpu_library()}}});
  EXPECT_EQ(read(s.path("venv/")), read(s.path("venv")));
}

std::string compiler(const std::string& text) {
  return test::elf({.sections = {{".rodata", std::string(100'000, 'x') + text}}}).bytes;
}
const std::string kRelease =
    std::string("Cuda compilation tools, release ?\0", 34) + "Cuda compilation tools, release 12.8, V12.8.93";

TEST(Environment, CompilersOfGpuCodeAreMembersWithTheirRelease) {
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

TEST(Environment, CompilersInWheelsAreMembersWithTheirRelease) {
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

TEST(Environment, ACompilerByItselfTellsItsRelease) {
  Scratch s;
  s.write("ptxas", compiler(kRelease));
  EXPECT_EQ(read(s.path("ptxas")).at(0).members.at(0).bin.toolkits, std::vector{*Version::parse("12.8")});
}

std::string conda_record(const std::string& name, const std::string& version, const std::string& files,
                         const std::string& more = "") {
  return "{\"name\": \"" + name + "\", \"version\": \"" + version + "\", \"files\": [" + files + "]" + more +
         "}";
}

/// An editable install in kSite of the sources at s.path(at), of which RECORD lists no library.
void install_editable(const Scratch& s, const std::string& at, const std::string& direct_url) {
  install(s, kSite, {.name = "ext", .version = "0.1", .files = {{"__editable__.ext-0.1.pth", at}}});
  s.write(kSite + "/ext-0.1.dist-info/direct_url.json", direct_url);
}

TEST(Environment, AnEditableInstallOwnsWhatLiesInItsSources) {
  Scratch s;
  make_venv(s);
  s.write("my src/pyproject.toml", "[project]");
  s.write("my src/ext/_C.so", gpu_library());
  s.write("my src/build/lib.linux-x86_64-cpython-312/ext/_C.so", gpu_library(90));
  s.write("my src/.venv/pyvenv.cfg", "");
  s.write("my src/.venv/lib/libother.so", gpu_library(90));
  s.write("my src/env/pyvenv.cfg", "");
  s.write("my src/env/lib/libother.so", gpu_library(90));
  install_editable(s, s.path("my src"),
                   R"({"dir_info": {"editable": true}, "url": "file://)" + s.path("my%20src") + "\"}");
  auto found = read(s.path("venv"));
  ASSERT_EQ(names(found), (Names{"ext"}));
  EXPECT_EQ(members(found[0], s.path("my src")), (Names{"ext/_C.so"}));
  EXPECT_EQ(gaps(found[0]), Names{});
}

TEST(Environment, SourcesThatAreNoneAreNotLookedAt) {
  for (std::string direct_url :
       {R"({"dir_info": {"editable": true}, "url": "file:///"})", R"({"dir_info": {}, "url": "file://SRC"})",
        R"({"dir_info": {"editable": true}, "url": "https://example.org/SRC"})", R"({"url": 3})", "[", ""}) {
    Scratch s;
    make_venv(s);
    s.write("src/setup.py", "");
    s.write("src/ext/_C.so", gpu_library());
    if (auto at = direct_url.find("SRC"); at != direct_url.npos) direct_url.replace(at, 3, s.path("src"));
    install_editable(s, s.path("src"), direct_url);
    fs::remove(s.path(kSite + "/__editable__.ext-0.1.pth"));  // which would be followed by itself
    auto found = read(s.path("venv"));
    ASSERT_EQ(found.size(), 1u) << direct_url;
    EXPECT_TRUE(found[0].members.empty()) << direct_url;
  }
}

TEST(Environment, TheRuntimeIsAMember) {
  Scratch s;
  make_venv(s);
  auto runtime = test::elf({.needed = {"libc.so.6"}, .soname = "libcudart.so.13"}).bytes;
  install(s, kSite,
          {.name = "nvidia-cuda-runtime",
           .version = "13.0.96",
           .files = {{"nvidia/cu13/lib/libcudart.so.13", runtime}}});
  auto found = read(s.path("venv"));
  ASSERT_EQ(names(found), (Names{"nvidia-cuda-runtime"}));
  EXPECT_EQ(found[0].members.size(), 1u);
}

TEST(Environment, CondaRecordsAreSubjects) {
  Scratch s;
  std::string site = "env/lib/python3.11/site-packages";
  s.write("env/lib/libcublas.so.12.4", gpu_library());
  fs::create_symlink("libcublas.so.12.4", s.path("env/lib/libcublas.so.12"));
  s.write("env/conda-meta/libcublas-12.4.5-0.json",
          conda_record("libcublas", "12.4.5",
                       "\"lib/libcublas.so.12\", \"lib/libcublas.so.12.4\", \"lib/gone.so\"",
                       ", \"depends\": [\"cuda-version >=12.4,<12.5.0a0\", \"libgcc\"]"));
  s.write("env/conda-meta/broken-1-0.json", "{");
  s.write("env/conda-meta/history", "");
  install(s, site, {.name = "torch", .version = "2.5.1", .files = {{"torch/t.so", gpu_library()}}});
  s.write("env/lib/libtorch.so", gpu_library());
  s.write("env/conda-meta/pytorch-2.5.1-py3.11_cuda12.4_0.json",
          conda_record("pytorch", "2.5.1",
                       "\"lib/libtorch.so\", \"lib/python3.11/site-packages/torch/t.so\", "
                       "\"lib/python3.11/site-packages/torch-2.5.1.dist-info/METADATA\""));
  s.write("env/pkgs/urls.txt", "");
  s.write("env/pkgs/libcublas-12.4.5-0/lib/libcublas.so.12.4", gpu_library());
  auto subjects = read(s.path("env"));
  ASSERT_EQ(names(subjects), (Names{"broken", "libcublas", "torch"}));
  EXPECT_EQ(subjects[0].version, "1");
  EXPECT_EQ(gaps(subjects[0]), Names{"gap.read-error"});
  EXPECT_EQ(subjects[1].version, "12.4.5");
  EXPECT_EQ(subjects[1].path, s.path("env/conda-meta/libcublas-12.4.5-0.json"));
  EXPECT_EQ(members(subjects[1], s.path("env")), Names{"lib/libcublas.so.12.4"});
  EXPECT_EQ(gaps(subjects[1]), Names{"gap.file-missing"});
  EXPECT_EQ(subjects[1].dependencies,
            (std::vector<Dependency>{{"cuda-version", ">=12.4,<12.5.0a0"}, {"libgcc", ""}}));
  EXPECT_EQ(subjects[2].path, s.path(site + "/torch-2.5.1.dist-info"));
  EXPECT_EQ(members(subjects[2], s.path("env")),
            (Names{"lib/libtorch.so", "lib/python3.11/site-packages/torch/t.so"}));
  EXPECT_TRUE(subjects[2].unread.empty());
}

TEST(Environment, ListedFilesAmongHeadersAreRead) {
  Scratch s;
  make_venv(s);
  install(s, kSite,
          {.name = "a",
           .version = "1",
           .files = {{"a/include/a.so", gpu_library()},
                     {"a/__pycache__/b.so", gpu_library()},
                     {"a/include/Core", gpu_library()}}});
  EXPECT_EQ(members(read(s.path("venv")).at(0), s.path(kSite)),
            (Names{"a/__pycache__/b.so", "a/include/a.so"}));
}

TEST(Environment, OfARootFileSystemAreFoundByTheirFolders) {
  Scratch s;
  for (std::string v : {"opt/app/venv", "root/.venv", "home/me/work/env"}) make_venv(s, v);
  s.write("opt/conda/conda-meta/history", "");
  s.write("opt/conda/envs/x/conda-meta/history", "");
  s.write("opt/conda/pkgs/y/conda-meta/history", "");
  s.write("proc/1/root/pyvenv.cfg", "");
  s.write("var/lib/docker/overlay2/z/pyvenv.cfg", "");
  install(s, "usr/lib/python3/dist-packages", {.name = "a", .version = "1"});
  install(s, "usr/local/lib/python3.12/site-packages", {.name = "b", .version = "1"});
  install(s, "usr/local/lib/python3.12/site-packages/b/_vendor", {.name = "c", .version = "1"});
  Names expected;
  for (std::string e : {"home/me/work/env", "opt/app/venv", "opt/conda", "opt/conda/envs/x", "root/.venv",
                        "usr", "usr/local"})
    expected.push_back(s.path(e));
  EXPECT_EQ(environments_below(s.path()), expected);
}

TEST(Environment, LinksOfARootFileSystemStayInside) {
  Scratch host, s;
  // What an absolute link names exists on this machine and in the root file system, with other code.
  host.write("lib/h.so", gpu_library(70));
  std::string inside = host.path().substr(1) + "/lib/h.so";
  s.write(inside, gpu_library(90));
  s.write("up.so", gpu_library(80));
  make_venv(s);
  install(s, kSite,
          {.name = "a",
           .version = "1",
           .files = {{"a/h.so", gpu_library(), false}, {"a/up.so", gpu_library(), false}}});
  fs::create_directories(s.path(kSite + "/a"));
  fs::create_symlink("/" + inside, s.path(kSite + "/a/h.so"));
  fs::create_symlink("../../../../../../../../../../../../up.so", s.path(kSite + "/a/up.so"));
  host.write("METADATA", "Name: outside\nVersion: 1\n");
  fs::remove(s.path(kSite + "/a-1.dist-info/METADATA"));
  fs::create_symlink(host.path("METADATA"), s.path(kSite + "/a-1.dist-info/METADATA"));
  auto subjects = read_target(s.path("venv"), {.system = s.path()});
  ASSERT_TRUE(subjects);
  ASSERT_EQ(names(*subjects), Names{"a"}) << "no metadata of this machine";
  std::vector<unsigned> found;
  for (auto& m : subjects->at(0).members) found.push_back(m.bin.shapes.at(0).images.at(0).target.number());
  std::ranges::sort(found);
  EXPECT_EQ(found, (std::vector<unsigned>{80, 90}));
  EXPECT_TRUE(subjects->at(0).unread.empty());
}

TEST(Links, AreFollowedInsideOfARootFileSystem) {
  Scratch s;
  s.write("a/b/f", "");
  fs::create_symlink("/a/b", s.path("abs"));
  fs::create_symlink("../../../../a", s.path("a/b/up"));
  fs::create_symlink("loop", s.path("loop"));
  fs::create_symlink("gone", s.path("dangling"));
  EXPECT_EQ(follow(s.path("abs/f"), s.path()), s.path("a/b/f"));
  EXPECT_EQ(follow(s.path("abs/up/b/up/b/f"), s.path()), s.path("a/b/f"));
  EXPECT_EQ(follow(s.path("../../etc"), s.path()), std::nullopt);
  EXPECT_EQ(follow(s.path("loop"), s.path()), std::nullopt);
  EXPECT_EQ(follow(s.path("dangling"), s.path()), std::nullopt);
  EXPECT_EQ(follow(s.path("abs/f")), std::nullopt) << "on this machine /a/b is something else";
}

}  // namespace
}  // namespace cufit::collect
