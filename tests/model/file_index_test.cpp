#include "model/file_index.h"

#include <gtest/gtest.h>

namespace cufit {
namespace {

using Kind = IndexedFile::Kind;

TEST(FileIndex, WhatNobodyLookedAtIsNotAbsent) {
  FileIndex index;
  index.files["/gone"] = {};
  index.files["/file"] = {.kind = Kind::file, .real = "/file"};
  index.files["/folder"] = {.kind = Kind::directory, .real = "/folder"};
  index.files["/closed"] = {.kind = Kind::other, .unreadable = "EACCES"};
  EXPECT_EQ(*index.look("/gone/a/b"), IndexedFile{});
  EXPECT_EQ(*index.look("/file/a"), IndexedFile{}) << "nothing lies below a file";
  EXPECT_FALSE(index.look("/folder/a"));
  EXPECT_FALSE(index.look("/elsewhere"));
  EXPECT_EQ(index.look("/closed/a/b")->unreadable, "EACCES");
  index.listed = {"/folder"};
  EXPECT_EQ(*index.look("/folder/a"), IndexedFile{});
  EXPECT_EQ(*index.look("/folder/a/b"), IndexedFile{}) << "its folder is not there";
  EXPECT_FALSE(index.look("/folder/../file")) << "no folder lists the one above it";
}

using Names = std::vector<std::string>;

TEST(FileIndex, NamesOfAFolder) {
  FileIndex index;
  index.files["/f/liba.so.1"] = {.kind = Kind::file, .real = "/f/liba.so.1"};
  index.files["/f/libb.so.1"] = {.kind = Kind::file, .real = "/f/libb.so.1"};
  index.files["/f/libgone.so.1"] = {};
  index.files["/f/lib/libc.so.1"] = {.kind = Kind::file, .real = "/f/lib/libc.so.1"};
  index.files["/gone"] = {};
  index.files["/open"] = {.kind = Kind::directory, .real = "/open"};
  index.files["/closed"] = {.kind = Kind::other, .unreadable = "EACCES"};
  index.listed = {"/f"};
  EXPECT_EQ(index.names("/f", "liba.*"), Names{"liba.so.1"});
  EXPECT_EQ(index.names("/f", "libgone.*"), Names{});
  EXPECT_EQ(index.names("/f", "lib*c.so.1"), Names{}) << "what lies in a folder below is not in this one";
  EXPECT_EQ(index.names("/f", "lib*"), std::nullopt) << "which comes first is not known";
  EXPECT_EQ(index.names("/gone/x", "lib*"), Names{});
  EXPECT_EQ(index.names("/open", "lib*"), std::nullopt);
  EXPECT_EQ(index.names("/elsewhere", "lib*"), std::nullopt);
  EXPECT_EQ(index.names("/closed", "lib*"), std::nullopt);
  index.matches["/f/lib*"] = {"libb.so.1", "liba.so.1"};
  EXPECT_EQ(index.names("/f", "lib*"), (Names{"libb.so.1", "liba.so.1"}))
      << "in the order of the file system";
}

}  // namespace
}  // namespace cufit
