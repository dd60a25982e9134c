#include <gtest/gtest.h>

#include "render/render.h"

namespace cufit::render {
namespace {

Load load(const std::string& name, const std::string& file, const std::string& version = {}) {
  Load l;
  l.name = l.soname = name;
  l.found = Found::runpath;
  l.path = l.real = file;
  l.version = version;
  return l;
}

std::string text(std::vector<Load> loads, Lang lang = Lang::en) {
  Report r;
  r.command = "inspect";
  r.loads = {{"s0", "/venv/bin/python3", "torch 2.11.0", std::move(loads)}};
  return to_text(r, {.lang = lang});
}

TEST(LoadsText, ALibraryFromSeveralFilesIsTold) {
  std::vector loads = {load("libcublas.so.12", "/a/libcublas.so.12", "12.8.4.1"),
                       load("libcudart.so.12", "/a/libcudart.so.12"),
                       load("libcublas.so.13", "/b/libcublas.so.13"), load("libm.so.6", "/a/libm.so.6"),
                       load("libm.so.6", "/b/libm.so.6")};
  const std::string first = "/a/libcublas.so.12 (12.8.4.1)", second = "/b/libcublas.so.13\n";
  auto english = text(loads), chinese = text(loads, Lang::zh);
  EXPECT_TRUE(english.contains("libcublas is in this process 2 times: " + first + ", " + second)) << english;
  EXPECT_TRUE(chinese.contains("此进程中有 2 份 libcublas：" + first + "、" + second)) << chinese;
  EXPECT_FALSE(english.contains("libcudart is in")) << english;
  EXPECT_FALSE(english.contains("libm is in")) << english;
}

TEST(LoadsText, OneFileThatIsAskedForTwiceIsOne) {
  std::vector loads = {load("libcublas.so.12", "/a/libcublas.so.12"),
                       load("libcublas.so.12", "/a/libcublas.so.12"), load("libcublas.so.12", "")};
  loads[2].found = Found::not_found;
  EXPECT_FALSE(text(loads).contains("in this process"));
}

}  // namespace
}  // namespace cufit::render
