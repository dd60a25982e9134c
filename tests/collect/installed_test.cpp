#include "collect/installed.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>

#include "collect/environment_scratch.h"
#include "collect/ordinary_user.h"
#include "model/hidden_code.h"

namespace cufit::collect {
namespace {

using namespace test;

TEST(Installed, MissingLibrariesAreGaps) {
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

TEST(Installed, APackageOfWhichAllIsMissingIsASubject) {
  Scratch s;
  make_venv(s);
  install(s, kSite, {.name = "a", .version = "1", .files = {{"a/a.so", gpu_library(), false}}});
  auto subjects = read(s.path("venv"));
  ASSERT_EQ(names(subjects), Names{"a"});
  EXPECT_EQ(gaps(subjects[0]), Names{"gap.file-missing"});
  EXPECT_EQ(subjects[0].unread[0].path, s.path(kSite + "/a/a.so"));
}

TEST(Installed, ABuildOfPyTorchForTheCpuIsASubject) {
  Scratch s;
  make_venv(s);
  install(s, kSite,
          {.name = "torch", .version = "2.9.1", .files = {{"torch/lib/libtorch_cpu.so", host_library()}}});
  install(s, kSite, {.name = "numpy", .version = "2.0", .files = {{"numpy/core.so", host_library()}}});
  auto subjects = read(s.path("venv"));
  ASSERT_EQ(names(subjects), Names{"torch"});
  EXPECT_TRUE(subjects[0].members.empty() && subjects[0].unread.empty());
  Scratch bare;
  make_venv(bare);
  install(bare, kSite, {.name = "torch", .version = "2.9.1+cpu", .files = {}});
  EXPECT_EQ(names(read(bare.path("venv"))), Names{"torch"});
}

TEST(Installed, ATruncatedLibraryMakesItsPackageASubject) {
  Scratch s;
  make_venv(s);
  install(s, kSite, {.name = "a", .version = "1", .files = {{"a/a.so", host_library().substr(0, 70)}}});
  auto subjects = read(s.path("venv"));
  ASSERT_EQ(names(subjects), Names{"a"});
  ASSERT_EQ(subjects[0].members.size(), 1u);
  EXPECT_FALSE(subjects[0].members[0].bin.unread.empty());
}

TEST(Installed, ACutOffLibrarySaysHowLongItWas) {
  Scratch s;
  make_venv(s);
  auto whole = elf({.sections = {{".data", std::string(100'000, 'x')}}, .needed = {"libcudart.so.12"}}).bytes;
  install(s, kSite, {.name = "a", .version = "1", .files = {{"a/liba.so.1", whole.substr(0, 50'000)}}});
  auto subjects = read(s.path("venv"));
  ASSERT_EQ(names(subjects), Names{"a"});
  ASSERT_EQ(subjects[0].members.size(), 1u);
  auto& gap = subjects[0].members[0].bin.unread.at(0);
  EXPECT_EQ(gap.what.id, "gap.cut-off");
  EXPECT_EQ(gap.what.args.at(0).second, "50000");
  EXPECT_GT(std::stoul(gap.what.args.at(1).second), 100'000u);
}

TEST(Installed, WhatLiesInAFolderThatMayNotBeEnteredIsNotMissing) {
  Scratch s;
  make_venv(s);
  install(s, kSite,
          {.name = "a",
           .version = "1",
           .files = {{"a/open.so", gpu_library()}, {"a/closed/liba.so.1", gpu_library()}}});
  chmod(s.path(kSite + "/a/closed").c_str(), 0);
  chmod(s.path().c_str(), 0755);
  test::OrdinaryUser user;
  if (!user) GTEST_SKIP() << test::kStaysRoot;
  auto subjects = read(s.path("venv"));
  auto a = std::ranges::find(subjects, "a", &Subject::name);
  ASSERT_NE(a, subjects.end());
  EXPECT_EQ(gaps(*a), Names{"gap.denied"});
  EXPECT_EQ(a->unread.at(0).path, s.path(kSite + "/a/closed/liba.so.1"));
}

struct Stale {
  std::string version, record;  ///< of the description that was left; `record` is its list
};

/// One installed torch 2.9.1 and what is left of another version, both with these lists of files.
std::vector<Subject> with_stale(const Scratch& s, const Stale& stale, const std::string& version_py) {
  make_venv(s);
  install(s, kSite,
          {.name = "torch",
           .version = "2.9.1",
           .files = {{"torch/lib/libtorch_cuda.so", gpu_library()}, {"torch/version.py", version_py}}});
  auto info = kSite + "/torch-" + stale.version + ".dist-info";
  s.write(info + "/METADATA", "Name: torch\nVersion: " + stale.version + "+cu124\n");
  if (!stale.record.empty()) s.write(info + "/RECORD", stale.record);
  return read(s.path("venv"));
}

void expect_only(const Scratch& s, const std::vector<Subject>& subjects, const std::string& version,
                 const std::string& stale) {
  ASSERT_EQ(names(subjects), Names{"torch"});
  EXPECT_EQ(subjects[0].version, version);
  EXPECT_EQ(members(subjects[0], s.path(kSite)), Names{"torch/lib/libtorch_cuda.so"});
  ASSERT_EQ(gaps(subjects[0]), Names{"gap.stale-description"});
  EXPECT_EQ(subjects[0].unread[0].path, s.path(kSite + "/torch-" + stale + ".dist-info"));
  EXPECT_FALSE(hides_code(subjects[0].unread[0]));
}

TEST(Installed, OfTwoDescriptionsThatOfTheFilesHolds) {
  // Whichever version is the older one, whichever comes first in the folder.
  for (std::string stale : {"2.6.0", "2.10.0"}) {
    Scratch none, other_sizes;
    expect_only(none, with_stale(none, {stale, ""}, ""), "2.9.1", stale);
    auto record = "torch/lib/libtorch_cuda.so,,7\n";
    expect_only(other_sizes, with_stale(other_sizes, {stale, record}, ""), "2.9.1", stale);
  }
}

TEST(Installed, OfTwoDescriptionsWithOneListTheSourceTellsTheVersion) {
  auto record = "torch/lib/libtorch_cuda.so,," + std::to_string(gpu_library().size()) + '\n';
  for (std::string stale : {"2.6.0", "2.10.0"}) {
    Scratch s;
    expect_only(s, with_stale(s, {stale, record}, "__version__ = '2.9.1+cu130'\n"), "2.9.1+cu130", stale);
    Scratch turned;
    auto subjects = with_stale(turned, {stale, record}, "__version__ = '" + stale + "+cu124'\n");
    expect_only(turned, subjects, stale + "+cu124", "2.9.1");
  }
}

TEST(Installed, OneVersionDescribedTwiceIsNoContradiction) {
  Scratch s;
  make_venv(s);
  install(s, kSite, {.name = "a", .version = "1", .files = {{"a/a.so", gpu_library()}}});
  s.write(kSite + "/a-1.egg-info/PKG-INFO", "Name: a\nVersion: 1\n");
  auto subjects = read(s.path("venv"));
  ASSERT_EQ(names(subjects), Names{"a"});
  EXPECT_TRUE(subjects[0].unread.empty());
}

TEST(Installed, WhatIsListedAsALibraryAndIsNone) {
  const std::string pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n";
  Scratch s;
  make_venv(s);
  s.write(kSite + "/a-1.dist-info/METADATA", "Name: a\nVersion: 1\n");
  s.write(kSite + "/a-1.dist-info/RECORD",
          "a/empty.so,,\na/pointer.so,,\na/folder.so,,\na/fifo.so,,\na/script.so,,\na/data.bin,,\n");
  s.write(kSite + "/a/empty.so", "");
  s.write(kSite + "/a/pointer.so", pointer);
  s.write(kSite + "/a/folder.so/x", "");
  ASSERT_EQ(mkfifo(s.path(kSite + "/a/fifo.so").c_str(), 0600), 0);
  s.write(kSite + "/a/script.so", "/* GNU ld script */\nINPUT(libx.so.1)\n");
  s.write(kSite + "/a/data.bin", "");
  auto subjects = read(s.path("venv"));
  ASSERT_EQ(names(subjects), Names{"a"});
  Names paths;
  for (auto& gap : subjects[0].unread) {
    EXPECT_EQ(gap.what.id, "gap.no-library");
    paths.push_back(gap.path.substr(s.path(kSite).size() + 3));
  }
  EXPECT_EQ(paths, (Names{"empty.so", "fifo.so", "folder.so", "pointer.so"}));
}

TEST(Installed, AVirtualEnvironmentWithoutAFolderForPackagesIsNothingToJudge) {
  Scratch s;
  make_venv(s);
  for (auto* path : {"venv", "venv/"}) {
    auto subjects = read(s.path(path));
    ASSERT_EQ(subjects.size(), 1u);
    EXPECT_EQ(gaps(subjects[0]), Names{"gap.no-packages"});
  }
  s.write(kSite + "/README.txt", "");
  EXPECT_EQ(gaps(read(s.path("venv")).at(0)), Names()) << "a folder without packages is one";
}

TEST(Installed, WithoutMetadataTheFolderTellsTheName) {
  Scratch s;
  make_venv(s);
  install(s, kSite, {.name = "a_b", .version = "1.5", .files = {{"a/a.so", gpu_library()}}});
  fs::remove(s.path(kSite + "/a_b-1.5.dist-info/METADATA"));
  auto subjects = read(s.path("venv"));
  ASSERT_EQ(names(subjects), Names{"a_b"});
  EXPECT_EQ(subjects[0].version, "1.5");
  EXPECT_TRUE(subjects[0].unread.empty());
}

TEST(Installed, ALocalVersionThatTheIndexTookOffComesFromVersionPy) {
  Scratch s;
  make_venv(s);
  install(s, kSite, {.name = "torch", .version = "2.2.0", .files = {{"torch/t.so", gpu_library()}}});
  s.write(kSite + "/torch/version.py", "__version__ = '2.2.0+cu121'\n");
  EXPECT_EQ(read(s.path("venv")).at(0).version, "2.2.0+cu121");
}

TEST(Installed, AnOverwrittenFileBelongsToWhomItsSizeFits) {
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

TEST(Installed, ALibraryThatItsPackageDidNotInstall) {
  Scratch s;
  make_venv(s);
  auto library = kSite + "/nvidia/nccl/lib/libnccl.so.2";
  auto own = host_library(), of_same_size = own, larger = own + "x";
  of_same_size.back() ^= 1;
  install(s, kSite,
          {.name = "nvidia_nccl_cu12", .version = "2", .files = {{"nvidia/nccl/lib/libnccl.so.2", own}}});
  auto record = s.path(kSite) + "/nvidia_nccl_cu12-2.dist-info/RECORD";
  auto replaced = [&](const std::string& content, int seconds_after_the_record) {
    s.write(library, content);
    fs::last_write_time(s.path(library),
                        fs::last_write_time(record) + std::chrono::seconds(seconds_after_the_record));
    auto subjects = read(s.path("venv"));
    return !subjects.empty() && gaps(subjects[0]) == Names{"gap.file-replaced"};
  };
  EXPECT_FALSE(replaced(own, 100));  // copied without its time
  EXPECT_TRUE(replaced(larger, -100));
  EXPECT_TRUE(replaced(of_same_size, 100));
  EXPECT_FALSE(replaced(of_same_size, -100));  // not asked: of the same size, and as old as the record
  // Of packages that bring no CUDA libraries nobody wants to know.
  install(s, kSite, {.name = "numpy", .version = "2", .files = {{"numpy/core.so", own}}});
  s.write(kSite + "/numpy/core.so", larger);
  for (auto& subject : read(s.path("venv"))) EXPECT_NE(subject.name, "numpy");
}

/// What rightly differs from the record, or is described by another line of it.
TEST(Installed, LibrariesThatOnlySeemReplaced) {
  auto own = host_library(), other = own + "x";
  const std::string path = "nvidia/nccl/lib/libnccl.so.2", info = "nvidia_nccl_cu12-2.dist-info/";
  auto gaps_with = [&](auto change) {
    Scratch s;
    make_venv(s);
    install(s, kSite, {.name = "nvidia_nccl_cu12", .version = "2", .files = {{path, own}}});
    s.write(kSite + '/' + path, other);
    change(s);
    auto subjects = read(s.path("venv"));
    return subjects.empty() ? Names{} : gaps(subjects[0]);
  };
  const Names told = {"gap.file-replaced"};
  auto installed_by = [&](const char* name) {
    return gaps_with([&](const Scratch& s) { s.write(kSite + '/' + info + "INSTALLER", name); });
  };
  EXPECT_EQ(gaps_with([](const Scratch&) {}), told);
  for (auto* name : {"pip\n", "uv", "conda"}) EXPECT_EQ(installed_by(name), told) << name;
  EXPECT_EQ(installed_by("pypaInstallHook"), Names{}) << "Nix patches what it has installed";
  EXPECT_EQ(gaps_with([&](const Scratch& s) {
              s.write(kSite + '/' + info + "direct_url.json",
                      R"({"url": "file:///nowhere/src", "dir_info": {"editable": true}})");
            }),
            Names{})
      << "built again in its place";
  EXPECT_EQ(gaps_with([&](const Scratch& s) {
              auto line = [&](const std::string& bytes) {
                return path + ",sha256=" + base64url(digest(bytes)) + ',' + std::to_string(bytes.size()) +
                       '\n';
              };
              s.write(kSite + '/' + info + "RECORD", line(own) + line(other));
            }),
            Names{})
      << "listed twice, and one line fits";
  EXPECT_EQ(gaps_with([&](const Scratch& s) {
              auto line = [&](const std::string& at, const std::string& bytes) {
                return at + ",sha256=" + base64url(digest(bytes)) + ',' + std::to_string(bytes.size()) + '\n';
              };
              s.write(kSite + '/' + info + "RECORD", line("nvidia/nccl/lib/a.so", own) + line(path, other));
              fs::create_symlink("libnccl.so.2", s.path(kSite + "/nvidia/nccl/lib/a.so"));
            }),
            Names{})
      << "made a link to its sibling, which is what it should be";
}

/// rattler-build records of a link its own length and the SHA-256 of what lies at its end.
TEST(Installed, LinksThatCondaRecords) {
  auto library = host_library();
  auto record = [&](const std::string& size_of_library) {
    auto path = [](const std::string& name, const char* type, const std::string& size,
                   const std::string& sum) {
      return R"({"_path": ")" + name + R"(", "path_type": ")" + type + R"(", "size_in_bytes": )" + size +
             R"(, "sha256": ")" + sum + R"("})";
    };
    std::string hex;
    for (unsigned char c : digest(library))
      hex += "0123456789abcdef"[c >> 4], hex += "0123456789abcdef"[c & 15];
    return R"({"name": "libcublas", "version": "12.4.5", "paths_data": {"paths": [)" +
           path("lib/libcublas.so.12", "softlink", "21", hex) + ',' +
           path("lib/libcublas.so.12.4.5", "hardlink", size_of_library, hex) + "]}}";
  };
  for (bool fits : {true, false}) {
    Scratch s;
    s.write("env/conda-meta/libcublas-12.4.5-0.json",
            record(std::to_string(library.size() + (fits ? 0 : 1))));
    s.write("env/lib/libcublas.so.12.4.5", library);
    fs::create_symlink("libcublas.so.12.4.5", s.path("env/lib/libcublas.so.12"));
    auto subjects = read(s.path("env"));
    ASSERT_EQ(subjects.size(), 1u);
    EXPECT_EQ(gaps(subjects[0]), fits ? Names{} : Names{"gap.file-replaced"});
  }
}

TEST(Installed, AmongEqualSizesTheHashDecides) {
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

TEST(Installed, EqualFilesOfTwoPackagesAreNotOverwritten) {
  Scratch s;
  make_venv(s);
  install(s, kSite, {.name = "a", .version = "1", .files = {{"n/n.so", gpu_library()}}});
  install(s, kSite, {.name = "b", .version = "1", .files = {{"n/n.so", gpu_library()}}});
  for (auto& subject : read(s.path("venv"))) EXPECT_TRUE(gaps(subject).empty()) << subject.name;
}

TEST(Installed, RecordedPathsStayInside) {
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

TEST(Installed, AHostileRecordIsRead) {
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

TEST(Installed, OfScriptsThatAreNotThereNothingIsSaid) {
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

TEST(Installed, WithoutRecordEveryFolderIsTheirs) {
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

TEST(Installed, WithoutRecordTheTopLevelFoldersAreThePackages) {
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

TEST(Installed, AnEmptyRecordIsNone) {
  Scratch s;
  make_venv(s);
  install(s, kSite, {.name = "cupy", .version = "14.2", .files = {{"cupy/core.so", gpu_library()}}});
  s.write(kSite + "/cupy-14.2.dist-info/RECORD", "");
  auto subjects = read(s.path("venv"));
  ASSERT_EQ(names(subjects), Names{"cupy"});
  EXPECT_EQ(members(subjects[0], s.path(kSite)), Names{"cupy/core.so"});
}

TEST(Installed, SetuptoolsListsInstalledFiles) {
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

TEST(Installed, ListedFilesAmongHeadersAreRead) {
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

}  // namespace
}  // namespace cufit::collect
