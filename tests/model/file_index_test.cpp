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
  EXPECT_EQ(index.look("/gone/a/b"), IndexedFile{});
  EXPECT_EQ(index.look("/file/a"), IndexedFile{}) << "nothing lies below a file";
  EXPECT_FALSE(index.look("/folder/a"));
  EXPECT_FALSE(index.look("/elsewhere"));
  EXPECT_EQ(index.look("/closed/a/b")->unreadable, "EACCES");
  index.listed = {"/folder"};
  EXPECT_EQ(index.look("/folder/a"), IndexedFile{});
  EXPECT_EQ(index.look("/folder/a/b"), IndexedFile{}) << "its folder is not there";
  EXPECT_FALSE(index.look("/folder/../file")) << "no folder lists the one above it";
}

}  // namespace
}  // namespace cufit
