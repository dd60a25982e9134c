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
  auto x86 = cufit("check torch==2.8.0+cu129 --gpu v100 --driver 470.129.06 --fix");
  EXPECT_NE(x86.out.find("pip install torch==2.7.1+cu118 "), std::string::npos) << x86.out;
  auto newer = cufit("pick torch --gpu a800 --driver 535.183.01");
  EXPECT_NE(newer.out.find("pip install torch=="), std::string::npos) << newer.out;
  auto arm = cufit("check torch==2.9.1+cu130 --gpu h100 --driver 570.124.06 --arch aarch64 --fix");
  EXPECT_NE(arm.out.find("pip install torch==2.9.1+cu"), std::string::npos) << arm.out;
  EXPECT_NE(arm.out.find("--index-url"), std::string::npos) << arm.out;
}

// A requirement on the release alone is satisfied by the build that is there.
TEST(Pick, AnotherBuildOfTheSameReleaseIsNamedWithItsLocalVersion) {
  auto torch = cufit("check torch==2.9.1+cu130 --gpu h100 --driver 535.183.01 --fix").out;
  EXPECT_NE(torch.find("pip install torch==2.9.1+cu128 torchvision==0.24.1+cu128 torchaudio==2.9.1+cu128 "
                       "--index-url https://download.pytorch.org/whl/cu128"),
            std::string::npos)
      << torch;
}

TEST(Pick, SaysWhereABuildComesFromThatNoIndexServes) {
  auto jaxlib = cufit("pick jaxlib --gpu t4 --driver 535.183.01").out;
  EXPECT_NE(jaxlib.find(
                "pip install jaxlib==0.4.25+cuda11.cudnn86 -f https://storage.googleapis.com/jax-releases/"),
            std::string::npos)
      << jaxlib;
  EXPECT_NE(
      cufit("pick pytorch --gpu h100 --driver 580.95.05").out.find("conda install -c conda-forge 'pytorch="),
      std::string::npos);
  auto flash = cufit("pick flash-attn --gpu a100 --driver 470.129.06").out;
  EXPECT_EQ(flash.find("pip install"), std::string::npos) << flash;
  EXPECT_NE(flash.find("from github.com/Dao-AILab/flash-attention/releases"), std::string::npos) << flash;
}

TEST(Pick, PackagesAskedForTogetherAreOneSet) {
  auto both = cufit("pick torch xformers --gpu v100 --driver 580.95.05").out;
  EXPECT_NE(both.find("pip install torch==2.7.0 "), std::string::npos) << both;
  EXPECT_NE(both.find("pip install xformers==0.0.30"), std::string::npos) << both;
  auto conflict = cufit("check torch==2.9.1+cu130 vllm==0.11.0 --gpu h100 --driver 580.95.05").out;
  EXPECT_NE(conflict.find("asks for torch==2.8.0; torch 2.9.1+cu130 stands beside it"), std::string::npos)
      << conflict;
  auto alternatives =
      cufit("check torch==2.9.1+cu130 torch==2.8.0+cu128 vllm==0.11.0 --gpu h100 --driver 580.95.05").out;
  EXPECT_EQ(alternatives.find("stands beside it"), std::string::npos) << alternatives;
}

TEST(Check, APackageThatBreaksAProgramIsNotLoaded) {
  auto fits = cufit("check torch==2.4.1+cu121 --gpu 4090 --driver 535.183.01 --compat 12.4").out;
  EXPECT_NE(fits.find("fix      do not load cuda-compat-12-4"), std::string::npos) << fits;
  auto more = cufit("check torch==2.9.1+cu130 --gpu 4090 --driver 535.183.01 --compat 12.4").out;
  EXPECT_NE(more.find("first do not load cuda-compat-12-4"), std::string::npos) << more;
  EXPECT_NE(more.find("install torch 2.9.1+cu128"), std::string::npos) << more;
}

TEST(Check, WindowsWithoutADriverNamesOneThatRuns) {
  auto wsl = cufit("check torch==2.15.0 --gpu rtx3090 --platform wsl");
  EXPECT_NE(wsl.out.find("fits with driver >= 595"), std::string::npos) << wsl.out;
}

// Only what is true of each GPU is said of all.
TEST(Check, AMergedBlockSaysWhatIsTrueOfAllItsGpus) {
  auto out = cufit("check torch==2.15.0 torch==2.14.0 torch==2.13.0 --gpu v100,t4 --driver 535.183.01").out;
  EXPECT_EQ(out.find("built for"), std::string::npos) << out;
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
