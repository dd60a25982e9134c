#include "collect/environment.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "collect/environment_scratch.h"

namespace cufit::collect {
namespace {

using namespace test;

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

TEST(Environment, ATrailingSlashChangesNothing) {
  Scratch s;
  make_venv(s);
  install(s, kSite, {.name = "a", .version = "1", .files = {{"a/a.so", gpu_library()}}});
  EXPECT_EQ(read(s.path("venv/")), read(s.path("venv")));
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

std::string conda_record(const std::string& name, const std::string& version, const std::string& files,
                         const std::string& more = "") {
  return "{\"name\": \"" + name + "\", \"version\": \"" + version + "\", \"files\": [" + files + "]" + more +
         "}";
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

}  // namespace
}  // namespace cufit::collect
