// cufit pick, and requirements as targets.
#include <gtest/gtest.h>

#include "commands/process.h"
#include "model/json.h"

namespace cufit::commands {
namespace {

TEST(Pick, ChoosesTheNewestBuildThatRunsAndSaysWhyNewerOnesDoNot) {
  auto ran = cufit("pick torch --gpu v100 --driver 580.95.05 --python 3.12 --json");
  EXPECT_EQ(ran.exit, 0);
  auto report = Json::parse(ran.out);
  // CUDA 13 builds hold nothing below 7.5; cu126 is the line that keeps Volta (data/builds_torch.toml).
  EXPECT_TRUE(report["subjects"][0]["version"].get<std::string>().ends_with("+cu126"));
  EXPECT_EQ(report["judgements"][0]["verdict"], "fits");
  auto& found = report["findings"][0];
  EXPECT_EQ(found["cause"], "pick");
  EXPECT_FALSE(found["rejected"].empty());
  // What it prints, check takes.
  auto version = report["subjects"][0]["version"].get<std::string>();
  EXPECT_EQ(cufit("check torch==" + version + " --gpu v100 --driver 580.95.05 --python 3.12").exit, 0);
}

TEST(Pick, WhereNothingRunsItSaysWhatIsInTheWay) {
  auto ran = cufit("pick torch --gpu rtx5090 --driver 535.129.03");
  EXPECT_EQ(ran.exit, 1);
  EXPECT_NE(ran.out.find("no build of torch in the catalogue runs here"), std::string::npos) << ran.out;
}

TEST(Pick, NamesTheIndexWhereTheDefaultOneServesOtherBuilds) {
  auto x86 = cufit("check torch==2.9.1+cu130 --gpu h100 --driver 570.124.06 --fix");
  EXPECT_NE(x86.out.find("pip install torch==2.9.1 "), std::string::npos) << x86.out;
  auto arm = cufit("check torch==2.9.1+cu130 --gpu h100 --driver 570.124.06 --arch aarch64 --fix");
  EXPECT_NE(arm.out.find("pip install torch==2.9.1+cu"), std::string::npos) << arm.out;
  EXPECT_NE(arm.out.find("--index-url"), std::string::npos) << arm.out;
}

TEST(Requirement, OfADefaultWithoutCudaItIsSaid) {
  const std::string note = "without CUDA: install it from https://download.pytorch.org/whl/cu128";
  auto says = [&](const std::string& rest) {
    return cufit("check torch==2.9.1 --gpu h100 --driver 580.95.05" + rest).out.find(note) !=
           std::string::npos;
  };
  EXPECT_TRUE(says(" --arch aarch64"));
  EXPECT_TRUE(cufit("check torch==2.9.1 --gpu rtx4090 --driver 581.15 --platform windows").out.find(note) !=
              std::string::npos);
  EXPECT_FALSE(says(""));
}

TEST(Pick, MirrorsAreWrittenIntoCommands) {
  auto ran = cufit(
      "check torch==2.2.0+cu121 --gpu a800 --driver 470.129.06 --fix --index-map "
      "https://download.pytorch.org/whl=https://mirror.example/torch");
  EXPECT_NE(ran.out.find("--index-url https://mirror.example/torch/cu118"), std::string::npos) << ran.out;
}

TEST(Pick, UnknownPackagesAreRefusedWithSuggestions) {
  auto ran = cufit("pick tortch --gpu a100");
  EXPECT_EQ(ran.exit, 2);
  EXPECT_NE(ran.err.find("torch"), std::string::npos);
}

TEST(Requirement, WhatTheCatalogueDoesNotKnowIsUndecided) {
  EXPECT_EQ(cufit("check torch==99.0 --gpu a100").exit, 3);
  EXPECT_EQ(cufit("check nosuchpackage==1.0 --gpu a100").exit, 3);
}

}  // namespace
}  // namespace cufit::commands
