// Folders, environments and root file systems as targets of whole commands.
#include <gtest/gtest.h>

#include <filesystem>

#include "collect/ordinary_user.h"
#include "collect/scratch.h"
#include "commands/process.h"
#include "model/json.h"

namespace cufit::commands {
namespace {

namespace fs = std::filesystem;

class Folder : public testing::Test {
 protected:
  std::string path(const std::string& name) const { return scratch_.path(name); }
  void write(const std::string& name, const std::string& content) const { scratch_.write(name, content); }
  void copy_library(const std::string& to) const {
    fs::create_directories(fs::path(path(to)).parent_path());
    fs::copy_file(example("libsaxpy.so"), path(to));
  }
  /// The report on targets, which `line` ends with.
  static Json check(const std::string& line) {
    auto ran = cufit("check --no-cache --json --gpu a800 --driver 580.65.06 " + line);
    return ran.out.empty() ? Json() : Json::parse(ran.out);
  }
  static std::string verdict(const Json& report) { return report["judgements"].at(0)["verdict"]; }
  static std::string words(const Json& report) { return report["judgements"].at(0)["why"]["id"]; }

  test::Scratch scratch_;
};

/// A folder as a command, and no folder at all.
TEST_F(Folder, WhatWasMeantIsSaidOrTaken) {
  fs::create_directories(path("venv"));
  auto as_command = cufit(path("venv"));
  EXPECT_EQ(as_command.exit, 2);
  EXPECT_NE(as_command.err.find("did you mean cufit check " + path("venv") + "?"), std::string::npos);
  EXPECT_EQ(cufit("/no/such/folder").err.find("cufit check /no"), std::string::npos);

  copy_library("venv/lib/libsaxpy.so");
  copy_library("conda/lib/libother.so");
  const std::string line = "check --no-cache --gpu a800 --driver 580.65.06";
  Process both{{{"VIRTUAL_ENV", path("venv")}, {"CONDA_PREFIX", path("conda")}}};
  auto active = both(line);
  EXPECT_NE(active.out.find(path("venv")), std::string::npos) << active.out << active.err;
  EXPECT_NE(active.err.find("checking the active environment " + path("venv")), std::string::npos)
      << active.err;
  Process conda{{{"CONDA_PREFIX", path("conda")}}};
  EXPECT_NE(conda(line).out.find(path("conda")), std::string::npos);
  Process other{{{"VIRTUAL_ENV", path("conda")}}};
  auto named = other(line + ' ' + path("venv"));
  EXPECT_EQ(named.out.find(path("conda")), std::string::npos) << "a named target is the only one";
  auto none = cufit(line);
  EXPECT_EQ(none.exit, 2);
  EXPECT_NE(none.err.find("a target is a file"), std::string::npos) << none.err;
}

/// A root file system has no GPU; what is installed there is no less something to be judged.
TEST_F(Folder, ARecordingWithoutAGpuIsComparedByWhatIsInstalled) {
  const std::string site = "root/opt/venv/lib/python3.12/site-packages/";
  write("root/opt/venv/pyvenv.cfg", "home = /usr/bin\n");
  write(site + "torch-2.9.1.dist-info/METADATA", "Name: torch\nVersion: 2.9.1\n");
  copy_library(site + "torch/lib/libtorch_cuda.so");
  ASSERT_EQ(cufit("record --no-cache --root " + path("root") + " -o " + path("root.json")).exit, 0);
  auto said = cufit("diff " + path("root.json") + ' ' + path("root.json")).out;
  EXPECT_NE(said.find("whether torch 2.9.1 runs cannot be told"), std::string::npos) << said;
  EXPECT_EQ(said.find("nothing is recorded"), std::string::npos) << said;
}

TEST_F(Folder, AnEmptyOneIsUnknownAndSaidToBeEmpty) {
  fs::create_directories(path("empty"));
  auto r = check(path("empty"));
  EXPECT_EQ(verdict(r), "unknown");
  EXPECT_EQ(words(r), "image.empty-folder");
}

/// Whatever is asked of it, and by whatever name: without a GPU too, and where nothing lies any more.
TEST_F(Folder, AnEmptyOneIsNeverAnAnswer) {
  fs::create_directories(path("root/empty"));
  for (std::string of : {"--root " + path("root") + " /empty", path("root/empty"),
                         "--gpu t4 " + path("root/empty"), "--gpu t4 --driver R580 " + path("root/empty")})
    EXPECT_EQ(cufit("check --no-cache " + of).exit, 3) << of;

  auto cwd = fs::current_path();
  fs::create_directories(path("gone"));
  fs::current_path(path("gone"));
  fs::remove(path("gone"));
  auto gone = cufit("check --no-cache .");
  fs::current_path(cwd);
  EXPECT_EQ(gone.exit, 3) << gone.out << gone.err;
}

TEST_F(Folder, AnEnvironmentWithoutGpuCodeFits) {
  write("venv/pyvenv.cfg", "home = /usr/bin\nversion = 3.12.3\n");
  fs::create_directories(path("venv/bin"));
  fs::create_directories(path("venv/lib/python3.12/site-packages"));
  fs::create_symlink("/bin/sh", path("venv/bin/python3"));  // any program out of the folder
  auto fresh = check(path("venv"));
  EXPECT_EQ(verdict(fresh), "fits");
  EXPECT_EQ(words(fresh), "image.no-code");
  write("venv/lib/python3.12/site-packages/pure-1.dist-info/METADATA", "Name: pure\nVersion: 1\n");
  write("venv/lib/python3.12/site-packages/pure-1.dist-info/RECORD", "pure.py,,\n");
  write("venv/lib/python3.12/site-packages/pure.py", "");
  EXPECT_EQ(verdict(check(path("venv"))), "fits");
  EXPECT_EQ(verdict(check(path("venv/lib/python3.12/site-packages"))), "fits");
  EXPECT_EQ(verdict(check(path("venv/bin"))), "fits");
}

/// The same package in two environments of a root file system: each row says in which one it is.
TEST_F(Folder, RowsOfSeveralEnvironmentsNameThem) {
  for (std::string venv : {"/opt/a", "/srv/b"}) {
    write("root" + venv + "/pyvenv.cfg", "home = /usr/bin\nversion = 3.12.3\n");
    for (std::string package : {"one", "two"}) {
      auto site = "root" + venv + "/lib/python3.12/site-packages/" + package;
      write(site + "-1.dist-info/METADATA", "Name: " + package + "\nVersion: 1\n");
      write(site + "-1.dist-info/RECORD", package + "/libsaxpy.so,,\n");
      copy_library(site + "/libsaxpy.so");
    }
  }
  const std::string line = "check --no-cache --gpu a800 --driver 580.65.06 --root " + path("root");
  auto all = cufit(line).out, one = cufit(line + " /opt/a").out;
  for (std::string row :
       {"one 1 in " + path("root/opt/a") + "  fits", "two 1 in " + path("root/srv/b") + "  fits"})
    EXPECT_NE(all.find(row), std::string::npos) << all;
  EXPECT_EQ(one.find(" in " + path("root")), std::string::npos) << one;
}

/// Whether the folder itself is closed or one above it: the target cannot be opened.
TEST_F(Folder, OneThatAUserMayNotReadCannotBeOpened) {
  fs::permissions(scratch_.path(), fs::perms(0755));
  copy_library("private/inside/a.so");
  fs::permissions(path("private"), fs::perms::owner_all);
  test::OrdinaryUser user;
  if (!user) GTEST_SKIP() << test::kStaysRoot;
  for (std::string name : {"private", "private/inside"}) {
    auto ran = cufit("check --no-cache --gpu a800 " + path(name));
    EXPECT_EQ(ran.exit, 2) << name << ran.out;
    EXPECT_NE(ran.err.find(path(name) + ": cannot be opened: Permission denied"), std::string::npos)
        << ran.err;
  }
}

/// Copied from another machine, or its base was removed: what is installed is judged, but nothing starts.
TEST_F(Folder, APythonThatIsNotThereIsSaid) {
  write("venv/pyvenv.cfg", "home = /usr/bin\nversion = 3.12.3\n");
  copy_library("venv/lib/python3.12/site-packages/a.so");
  fs::create_directories(path("venv/bin"));
  fs::create_symlink("/no/such/python3", path("venv/bin/python3"));
  const std::string line = "check -q --no-cache --gpu a800 --driver 580.65.06 " + path("venv");
  auto said = cufit(line).err;
  EXPECT_NE(said.find(path("venv/bin/python3") + " leads to nothing"), std::string::npos) << said;
  fs::create_symlink("/bin/sh", path("venv/bin/python"));  // any program
  EXPECT_EQ(cufit(line).err, "");
}

TEST_F(Folder, WhatIsLoadedFromElsewhereByCodeMakesItUnknown) {
  write("venv/pyvenv.cfg", "home = /usr/bin\nversion = 3.12.3\n");
  write("venv/lib/python3.12/site-packages/_foo_editable.pth", "import _foo_editable\n");
  auto r = check(path("venv"));
  EXPECT_EQ(verdict(r), "unknown");
  ASSERT_EQ(r["subjects"].at(0)["read"]["unread"].size(), 1u);
}

TEST_F(Folder, TargetsInARootFileSystemAreFollowedInside) {
  copy_library("root/usr/lib/a.so");
  fs::create_directories(path("root/opt"));
  fs::create_symlink("/usr/lib/a.so", path("root/opt/a.so"));
  fs::create_directory_symlink("/usr/lib", path("root/lib"));
  copy_library("outside/h.so");
  fs::create_directory_symlink(path("outside"), path("root/out"));
  for (std::string target : {"/opt/a.so", "/lib", "/opt", "lib/a.so", "/../../usr/lib/a.so"})
    EXPECT_EQ(verdict(check("--root " + path("root") + ' ' + target)), "fits") << target;
  for (std::string target : {"/out", "/out/h.so", "/../outside/h.so"})
    EXPECT_EQ(check("--root " + path("root") + ' ' + target)["summary"]["exit"], 2) << target;
}

}  // namespace
}  // namespace cufit::commands
