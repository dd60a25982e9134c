// Folders, environments and root file systems as targets of whole commands.
#include <gtest/gtest.h>

#include <filesystem>

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

TEST_F(Folder, AnEmptyOneIsUnknownAndSaidToBeEmpty) {
  fs::create_directories(path("empty"));
  auto r = check(path("empty"));
  EXPECT_EQ(verdict(r), "unknown");
  EXPECT_EQ(words(r), "image.empty-folder");
}

TEST_F(Folder, AnEnvironmentWithoutGpuCodeFits) {
  write("venv/pyvenv.cfg", "home = /usr/bin\nversion = 3.12.3\n");
  fs::create_directories(path("venv/bin"));
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
