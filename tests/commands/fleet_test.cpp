// cufit check --fleet, and the formats for other programs, from the command line to the output.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "commands/process.h"
#include "model/json.h"

namespace cufit::commands {
namespace {

std::string check(const std::string& rest) { return "check " + example("libsaxpy.so") + ' ' + rest; }

/// A file that lives as long as the object.
class Scratch {
 public:
  explicit Scratch(const std::string& text)
      : path_(std::filesystem::temp_directory_path() / ("cufit-" + std::to_string(getpid()) + ".toml")) {
    std::ofstream(path_) << text;
  }
  ~Scratch() { std::filesystem::remove(path_); }
  std::string option() const { return "--fleet " + path_.string(); }

 private:
  std::filesystem::path path_;
};

TEST(Fleet, TheExampleIsJudged) {
  auto ran = cufit(check("--json --fleet " + example("fleet.toml")));
  EXPECT_EQ(ran.exit, 1) << ran.err;
  auto report = Json::parse(ran.out);
  EXPECT_EQ(report["groups"].size(), 5u);
  EXPECT_EQ(report["cells"].size(), 6u);
  EXPECT_EQ(report["machine"]["gpus"].size(), 6u);
  EXPECT_TRUE(report["unread"].empty());
  // CUDA 13 on R470 (DRV-2), on R580 it runs.
  auto verdict = [&](size_t cell) {
    return report["judgements"][report["cells"][cell]["judgement"].get<size_t>()]["verdict"];
  };
  EXPECT_EQ(verdict(0), "unfit");
  EXPECT_EQ(verdict(2), "fits");
}

// A fleet of one gets the answer of the same machine on the command line.
TEST(Fleet, AGroupIsJudgedLikeTheCommandLine) {
  struct {
    const char* group;
    const char* options;
  } pairs[] = {
      {"gpu = 'a800'\ndriver = '470.129.06'", "--gpu a800 --driver 470.129.06"},
      {"gpu = 'h100'\ndriver = 'R535'", "--gpu h100 --driver R535"},
      {"gpu = 'h100'\ndriver = 'R580'", "--gpu h100 --driver R580"},
      {"gpu = 'rtx4090'", "--gpu rtx4090"},
      {"gpu = 'rtx4090'\nos = 'windows'\ndriver = '537.13'",
       "--gpu rtx4090 --platform windows --driver 537.13"},
      {"gpu = 't4'\ndriver = '580.95.05'\nenv = { CUDA_FORCE_PTX_JIT = '1' }",
       "--gpu t4 --driver 580.95.05 --env CUDA_FORCE_PTX_JIT=1"},
  };
  for (auto& pair : pairs) {
    Scratch file(std::string("[[group]]\n") + pair.group + '\n');
    auto fleet = Json::parse(cufit(check("--json " + file.option())).out);
    auto one = Json::parse(cufit(check(std::string("--json ") + pair.options)).out);
    EXPECT_EQ(fleet["judgements"], one["judgements"]) << pair.options;
    EXPECT_EQ(fleet["groups"][0]["machine"]["assumed"], one["machine"]["assumed"]) << pair.options;
  }
}

TEST(Fleet, GroupsThatCannotBeJudgedAreNamedWithTheirLine) {
  Scratch file("[[group]]\ngpu = 'a800'\n[[group]]\ngpu = 'a8000'\n[[group]]\ngpu = 'rtx6000'\n");
  auto report = Json::parse(cufit(check("--json " + file.option())).out);
  EXPECT_EQ(report["groups"].size(), 1u);
  ASSERT_EQ(report["unread"].size(), 2u);
  EXPECT_TRUE(report["unread"][0]["path"].get<std::string>().ends_with(".toml:3"));
  EXPECT_EQ(report["unread"][1]["id"], "fleet.gpu-ambiguous");
}

TEST(Fleet, WhatCannotBeAnsweredIsAnError) {
  auto fleet = "--fleet " + example("fleet.toml");
  EXPECT_EQ(cufit(check(fleet + " --gpu a800")).exit, 2);
  EXPECT_EQ(cufit(check(fleet + " --driver R535")).exit, 2);
  EXPECT_EQ(cufit(check("--fleet /nonexistent")).exit, 2);
  Scratch none("[[group]]\ngpu = 'nonsense'\n");
  auto ran = cufit(check(none.option()));
  EXPECT_EQ(ran.exit, 2);
  EXPECT_NE(ran.err.find("nonsense"), std::string::npos);
}

TEST(Formats, WorkForOneMachineAndForAFleet) {
  for (auto where :
       {std::string("--gpu v100,a800 --driver 470.129.06"), "--fleet " + example("fleet.toml")}) {
    auto sarif = cufit(check(where + " --format sarif"));
    EXPECT_EQ(sarif.exit, 1);
    EXPECT_FALSE(Json::parse(sarif.out)["runs"][0]["results"].empty());
    EXPECT_TRUE(cufit(check(where + " --format junit")).out.starts_with("<?xml"));
    auto page = cufit(check(where + " --lang zh --format html")).out;
    EXPECT_TRUE(page.starts_with("<!DOCTYPE html>"));
    EXPECT_NE(page.find("不适配"), page.npos);
  }
}

}  // namespace
}  // namespace cufit::commands
