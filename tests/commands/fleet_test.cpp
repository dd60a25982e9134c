// cufit check --fleet, and the formats for other programs, from the command line to the output.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "commands/process.h"
#include "commands/table.h"
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
      {"gpu = 'gh200'\ndriver = '535.183.01'\narch = 'arm64'",
       "--gpu gh200 --driver 535.183.01 --arch arm64"},
      {"gpu = 'gh200'\ndriver = '535.183.01'\narch = 'amd64'\npython = '3.13t'",
       "--gpu gh200 --driver 535.183.01 --arch x86_64 --python cp313t"},
      {"gpu = 'h100'\ndriver = '535.183.01'\npython = '3.12'\nglibc = '2.17'",
       "--gpu h100 --driver 535.183.01 --python 3.12 --glibc 2.17"},
      {"gpu = 'a100-sxm4-80gb'\ndriver = '470.129.06'\ncompat = '12.4'",
       "--gpu a100-sxm4-80gb --driver 470.129.06 --compat cuda-compat-12-4"},
      {"gpu = 't4'\ndriver = '580.95.05'\nenv = { CUDA_FORCE_PTX_JIT = '1' }",
       "--gpu t4 --driver 580.95.05 --env CUDA_FORCE_PTX_JIT=1"},
  };
  for (auto& pair : pairs) {
    Scratch file(std::string("[[group]]\n") + pair.group + '\n');
    auto targets = "check torch==2.2.0+cu121 " + example("libsaxpy.so") + " --json ";
    auto fleet = Json::parse(cufit(targets + file.option()).out);
    auto one = Json::parse(cufit(targets + pair.options).out);
    EXPECT_EQ(fleet["judgements"], one["judgements"]) << pair.options;
    auto machine = fleet["groups"][0]["machine"];
    EXPECT_EQ(machine["assumed"], one["machine"]["assumed"]) << pair.options;
    for (auto fact : {"arch", "glibc", "python"})
      EXPECT_EQ(machine[fact]["value"], one["machine"][fact]["value"]) << pair.options << ' ' << fact;
    EXPECT_EQ(machine["driver"]["compat"]["value"], one["machine"]["driver"]["compat"]["value"]);
  }
}

// What the command line refuses, a group refuses with the same words.
TEST(Fleet, FactsThatAreNoneAreRefusedLikeOnTheCommandLine) {
  struct {
    const char *key, *value;
  } bad[] = {{"arch", "sparc"},      {"python", "banana"},
             {"python", "cpbanana"}, {"python", "2.7"},
             {"glibc", "2"},         {"compat", "99.9"},
             {"driver", "551.61"},   {"driver", "5350.1"},
             {"driver", "R999"},     {"compat", "cuda-compat-12-8-image-rule"}};
  for (auto& b : bad) {
    auto pair = std::string(b.key) + " = '" + b.value + "'";
    Scratch file("[[group]]\ngpu = 'a800'\n[[group]]\ngpu = 'h100'\n" + pair + '\n');
    auto report = Json::parse(cufit(check("--json " + file.option())).out);
    ASSERT_EQ(report["unread"].size(), 1u) << pair;
    auto ran = cufit(check("--gpu h100 --" + std::string(b.key) + ' ' + b.value));
    EXPECT_EQ(ran.exit, 2) << pair;
    auto said = report["unread"][0]["text"].get<std::string>();
    EXPECT_NE(said.find(b.value), said.npos) << pair << ": " << said;
    EXPECT_EQ(report["groups"].size(), 1u) << pair;
  }
}

TEST(Fleet, OptionsOfTheMachineDoNotStandBesideIt) {
  size_t tried = 0;
  for (auto& option : find_command("check")->options) {
    if (!option.of_machine) continue;
    auto value = option.choices.empty() ? "x" : std::string(option.choices[0]);
    auto ran =
        cufit(check("--fleet " + example("fleet.toml") + " --" + std::string(option.name) + ' ' + value));
    EXPECT_EQ(ran.exit, 2) << option.name;
    EXPECT_NE(ran.err.find("--fleet and --" + std::string(option.name)), std::string::npos) << ran.err;
    tried++;
  }
  EXPECT_GE(tried, 8u);
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
