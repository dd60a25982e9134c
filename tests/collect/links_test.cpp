#include "collect/links.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "collect/environment.h"
#include "collect/environment_scratch.h"
#include "model/hidden_code.h"

namespace cufit::collect {
namespace {

using namespace test;

TEST(Links, LinksOfEnvironmentsAndInsideThem) {
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

TEST(Links, ARecordedFileBehindALinkIsRead) {
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

/// `cp -as` into a root file system, uv's links into a cache that was emptied: the names are there, and
/// nothing behind them.
TEST(Links, LinksToNothingHideWhatPackagesHold) {
  Scratch s;
  fs::create_directories(s.path(kSite + "/torch-2.9.1.dist-info"));
  fs::create_directories(s.path(kSite + "/torch/lib"));
  for (auto* file : {"/torch-2.9.1.dist-info/RECORD", "/torch/version.py", "/torch/lib/libtorch_cuda.so",
                     "/torch/lib/libc10.so"})
    fs::create_symlink("/gone" + std::string(file), s.path(kSite + file));
  fs::create_directory_symlink("/volume/triton", s.path(kSite + "/triton"));
  for (auto& system : {std::string(), s.path()}) {
    auto subjects = read_target(s.path("venv"), {.system = system});
    ASSERT_TRUE(subjects);
    ASSERT_EQ(names(*subjects).size(), 1u);
    ASSERT_EQ(gaps(subjects->front()), Names{"gap.link-broken"});
    auto& gap = subjects->front().unread[0];
    EXPECT_EQ(gap.path, s.path(kSite + "/torch/lib/libc10.so"));
    EXPECT_EQ(gap.what.args, (std::vector<std::pair<std::string, std::string>>{
                                 {"target", "/gone/torch/lib/libc10.so"}, {"count", "3"}}));
    EXPECT_TRUE(hides_code(gap));
  }
}

TEST(Links, ALinkToNothingOutsideOfPackagesHidesNone) {
  Scratch s;
  make_venv(s);
  install(s, kSite, {.name = "a", .version = "1", .files = {{"a/a.so", gpu_library()}}});
  fs::create_directories(s.path("venv/bin"));
  fs::create_symlink("/gone/python3.12", s.path("venv/bin/python"));
  fs::create_symlink("/gone/notes.txt", s.path(kSite + "/notes.txt"));
  auto subjects = read(s.path("venv"));
  ASSERT_EQ(names(subjects), Names{"a"});
  EXPECT_TRUE(subjects[0].unread.empty());
}

TEST(Links, AMissingVolumeOfARootIsAGapBesideWhatWasRead) {
  Scratch s;
  s.write("opt/app/libhere.so", gpu_library());
  fs::create_symlink("/data/libfar.so", s.path("opt/app/libfar.so"));
  auto in_root = read_target(s.path("opt/app"), {.system = s.path()});
  ASSERT_TRUE(in_root);
  EXPECT_EQ(gaps(in_root->front()), Names{"gap.link-broken"});
  EXPECT_TRUE(read(s.path("opt/app")).front().unread.empty()) << "a program here cannot load it either";
}

TEST(Links, TheInterpreterBehindALinkIsNothing) {
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

TEST(Links, OfARootFileSystemAreFoundByTheirFolders) {
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

TEST(Links, LinksOfARootFileSystemStayInside) {
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
