#include "commands/sys_path.h"

#include <gtest/gtest.h>

namespace cufit::commands {
namespace {

using Folders = std::vector<std::string>;

TEST(SysPath, PythonPathThenTheEnvironmentThenTheUserThenTheSystem) {
  Folders sites{"/usr/lib/python3/dist-packages", "/src/editable",
                "/home/u/.local/lib/python3.11/site-packages", "/usr/local/lib/python3.11/dist-packages",
                "/v/lib/python3.11/site-packages"};
  EXPECT_EQ(in_sys_path_order(sites, "/v", "/mine/:/v/lib/python3.11/site-packages", ""),
            (Folders{"/mine", "/v/lib/python3.11/site-packages",
                     "/home/u/.local/lib/python3.11/site-packages", "/usr/local/lib/python3.11/dist-packages",
                     "/usr/lib/python3/dist-packages", "/src/editable"}));
  EXPECT_EQ(in_sys_path_order(sites, "/usr", "", "")[0], "/home/u/.local/lib/python3.11/site-packages");
}

TEST(SysPath, Lib64OfAnEnvironmentComesFirst) {
  EXPECT_EQ(
      in_sys_path_order({"/v/src", "/v/lib/python3.12/site-packages", "/v/lib64/python3.12/site-packages"},
                        "/v", "", ""),
      (Folders{"/v/lib64/python3.12/site-packages", "/v/lib/python3.12/site-packages", "/v/src"}));
}

TEST(SysPath, RelativeEntriesCountFromTheWorkingDirectory) {
  EXPECT_EQ(in_sys_path_order({}, "/v", "a::/b", "/w"), (Folders{"/w/a", "/w", "/b"}));
  EXPECT_EQ(in_sys_path_order({}, "/v", "a::/b", ""), (Folders{"/b"})) << "which is not known";
  EXPECT_EQ(in_sys_path_order({}, "/v", "", "/w"), Folders{}) << "not set";
}

TEST(SysPath, TheModuleOfTheInterpreterBehindTheLinks) {
  FileIndex files;
  files.files["/v/bin/python3"] = {.kind = IndexedFile::Kind::file, .real = "/usr/bin/python3.11"};
  EXPECT_EQ(ctypes_of("/v/bin/python3", files), "") << "nobody listed the folder";
  files.matches["/usr/lib/python3.11/lib-dynload/_ctypes.cpython-*.so"] = {
      "_ctypes.cpython-311-x86_64-linux-gnu.so"};
  EXPECT_EQ(ctypes_of("/v/bin/python3", files),
            "/usr/lib/python3.11/lib-dynload/_ctypes.cpython-311-x86_64-linux-gnu.so");
  files.matches["/usr/lib/python3.11/lib-dynload/_ctypes.cpython-*.so"] = {};
  EXPECT_EQ(ctypes_of("/v/bin/python3", files), "") << "built in";
  EXPECT_EQ(ctypes_of("", files), "");
}

TEST(SysPath, TheFolderOfAPackage) {
  EXPECT_EQ(site_of("/my-packages/v/lib/python3.12/site-packages/torch/lib/libtorch.so"),
            "/my-packages/v/lib/python3.12/site-packages");
  EXPECT_EQ(site_of("/usr/lib/python3/dist-packages/torch-2.9.1.dist-info"),
            "/usr/lib/python3/dist-packages");
  EXPECT_EQ(site_of("/opt/app/torch-2.9.1.dist-info"), "/opt/app");
  EXPECT_EQ(site_of("/opt/app/torch/lib/libtorch.so"), "");
  EXPECT_EQ(site_of("/opt/conda/conda-meta/pytorch-2.5.1-0.json"), "");
}

}  // namespace
}  // namespace cufit::commands
