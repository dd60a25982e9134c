// cufit pick, and requirements as targets.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "commands/process.h"
#include "knowledge/catalogue.h"
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
  EXPECT_NE(wsl.out.find("fits if the driver is 595 or later"), std::string::npos) << wsl.out;
}

// Pins are compared with each other, not only with what is on the list.
TEST(Pick, NoSetIsNoChoice) {
  auto set = cufit("pick vllm xformers --gpu a100 --driver R550");
  EXPECT_EQ(set.exit, 0) << set.out;
  EXPECT_EQ(set.out.find("pip does not install both"), std::string::npos) << set.out;
  auto none = cufit("pick torch==2.9.1 vllm==0.19 --gpu a100 --driver R580");
  EXPECT_EQ(none.exit, 1) << none.out;
  EXPECT_EQ(none.out.find("pip install vllm"), std::string::npos) << none.out;
}

TEST(Check, WhatHasNoVersionIsHeldToWhatOthersPin) {
  auto out = cufit("check torch xformers==0.0.30 --gpu v100 --driver R535").out;
  EXPECT_NE(out.find("torch 2.7.0+cu126"), std::string::npos) << out;
  EXPECT_EQ(out.find("2.15"), std::string::npos) << out;
}

TEST(Check, PythonTagsOfEveryPackageCount) {
  EXPECT_NE(cufit("check tensorflow==2.21 --gpu a100 --driver R580 --python 3.14").out.find("not for cp314"),
            std::string::npos);
  EXPECT_NE(cufit("check vllm==0.19.0 --gpu a100 --driver R580 --glibc 2.17").out.find("needs glibc 2.31"),
            std::string::npos);
  EXPECT_EQ(cufit("pick torch --gpu a100 --driver R535 --python 3.8").out.find("conda"), std::string::npos);
}

TEST(Check, FixesNeedNoRoot) {
  auto out = cufit("check " + example("libsaxpy.so") + " --gpu a100-sxm4-80gb --driver 535.183.01 --fix").out;
  EXPECT_TRUE(out.starts_with("# ")) << out;
  EXPECT_NE(out.find("needs root"), std::string::npos) << out;
  EXPECT_EQ(out.find("apt-get"), std::string::npos) << out;
}

TEST(Check, WhatTheCatalogueDoesNotListIsUnknown) {
  EXPECT_EQ(cufit("check flash-attn==2.8.3 --gpu a100 --driver R580 --python 3.12").exit, 3);
  EXPECT_EQ(cufit("check flash-attn==2.8.3 --gpu a100 --driver R580 --glibc 2.31").exit, 3);
  EXPECT_EQ(cufit("check flash-attn==2.8.3 --gpu a100 --driver R580").exit, 0);
  // Which Pythons conda-forge builds for was not read.
  auto python = cufit("pick torch --gpu a100 --driver R580 --python 3.12").out;
  EXPECT_EQ(python.find("conda"), std::string::npos) << python;
  EXPECT_NE(cufit("pick torch --gpu a100 --driver R580").out.find("conda install"), std::string::npos);
}

// The newest that was read is judged, what came after is not known.
TEST(Requirement, ABareNameIsTheNewestThatWasRead) {
  for (std::string asked : {"vllm", "bitsandbytes", "onnxruntime-gpu", "xformers", "cupy-cuda13x"}) {
    auto& k = Knowledge::builtin();
    PackageVersion newest;
    for (auto* row : builds_of(k, asked)) newest = std::max(newest, newest_release(*row));
    auto question = " --gpu h100 --driver R620";
    auto bare = cufit("check " + asked + question);
    EXPECT_EQ(bare.exit, 0) << bare.out;
    EXPECT_NE(bare.out.find(asked + ' ' + newest.text()), std::string::npos) << bare.out;
    EXPECT_EQ(cufit("check " + asked + "==99.0" + question).exit, 3);
  }
}

TEST(Check, CompatPackagesAreNotForWindows) {
  auto ran = cufit("check torch==2.9.1+cu130 --gpu a100 --platform windows --driver 537.13 --compat 13.0");
  EXPECT_EQ(ran.exit, 2);
  EXPECT_NE(ran.err.find("neither Windows nor WSL"), std::string::npos) << ran.err;
}

TEST(Check, AFixIsSaidOnce) {
  auto out = cufit("check torch==2.15.0 --gpu v100 --driver R535 --fix").out;
  auto first = out.find("pip install");
  ASSERT_NE(first, std::string::npos);
  EXPECT_EQ(out.find("pip install", first + 1), std::string::npos) << out;
}

TEST(Check, BoardsOfArmMachinesAskForArmBuilds) {
  auto verdict = [](const std::string& rest) {
    return cufit("check torch==2.4.1 --driver R550 " + rest).out.substr(0, 5);
  };
  EXPECT_EQ(verdict("--gpu gh200"), "unfit");
  EXPECT_EQ(verdict("--gpu gh200 --arch aarch64"), "unfit");
  EXPECT_EQ(verdict("--gpu h100"), "fits ");
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

/// A requirements file that lives as long as the object.
class List {
 public:
  explicit List(const std::string& text)
      : path_(std::filesystem::temp_directory_path() / ("cufit-" + std::to_string(getpid()) + ".txt")) {
    std::ofstream(path_) << text;
  }
  ~List() { std::filesystem::remove(path_); }
  Ran check(const std::string& rest = "") const {
    return cufit("check -r " + path_.string() + " --gpu h100 --driver 580.95.05" + rest);
  }

 private:
  std::filesystem::path path_;
};

TEST(Requirement, AFileInWhichNothingIsJudgedIsUndecided) {
  for (auto text : {"", "numpy\nrequests\n", "torchvision==0.24.1\n"}) {
    List list(text);
    auto ran = list.check();
    EXPECT_EQ(ran.exit, 3) << text;
    EXPECT_NE(ran.out.find("nothing was judged"), std::string::npos) << text << ran.out;
    EXPECT_NE(list.check(" -q").out.find("nothing was judged"), std::string::npos) << text;
    EXPECT_EQ(list.check(" --json").exit, 3);
  }
  EXPECT_EQ(List("numpy\ntorch==2.9.1\n").check().exit, 0);
}

TEST(Requirement, ASlipInAFileIsNotPassedOver) {
  auto slip = List("torch==2.9.1\ntoch==2.4.0\n").check();
  EXPECT_EQ(slip.exit, 3);
  EXPECT_NE(slip.out.find("did you mean torch?"), std::string::npos) << slip.out;
  // GPU code by its name, and not in the catalogue.
  auto gpu = List("torch==2.9.1\ncudf-cu12==25.2.0\n").check();
  EXPECT_EQ(gpu.exit, 3);
  EXPECT_NE(gpu.out.find("cudf-cu12 is not in the catalogue"), std::string::npos) << gpu.out;
  // What comes with a build is named apart from packages without GPU code.
  auto both = List("torch==2.9.1\ntorchvision\nnvidia-cudnn-cu12\ntriton\nnumpy\ntorchmetrics\n").check();
  EXPECT_EQ(both.exit, 0) << both.out;
  EXPECT_NE(both.err.find("torchvision, nvidia-cudnn-cu12, triton"), std::string::npos) << both.err;
  EXPECT_NE(both.err.find("numpy, torchmetrics"), std::string::npos) << both.err;
}

TEST(Requirement, AFileThatIsNoListSaysSo) {
  auto ran = cufit("check -r " CUFIT_SOURCE_DIR "/LICENSE --gpu h100");
  EXPECT_EQ(ran.exit, 2);
  EXPECT_NE(ran.err.find("not a requirement that cufit understands"), std::string::npos) << ran.err;
}

TEST(Requirement, BuildsWithoutCudaAreCalledSo) {
  EXPECT_NE(cufit("check torch==2.4.0+cpu --gpu h100").out.find("a CPU build of torch"), std::string::npos);
  EXPECT_NE(cufit("check torch==2.4.0+rocm6.0 --gpu h100").out.find("ROCm"), std::string::npos);
  EXPECT_NE(cufit("check toch==2.4.0 --gpu h100").out.find("did you mean torch?"), std::string::npos);
}

TEST(Pick, CommandsAreNeverBroken) {
  auto narrow =
      Process{.terminal = true, .columns = 60}("pick torch --gpu v100 --driver 580.95.05 --lang en");
  std::istringstream lines(narrow.out);
  size_t commands = 0;
  for (std::string line; std::getline(lines, line);)
    if (line.find("$ ") != line.npos) {
      EXPECT_NE(line.find("torch"), line.npos) << line;
      commands++;
    }
  EXPECT_GE(commands, 2u) << narrow.out;
}

TEST(Pick, QuietSaysNothingIfAllIsWell) {
  EXPECT_EQ(cufit("pick torch --gpu v100 --driver 580.95.05 -q").out, "");
  auto none = cufit("pick torch --gpu rtx5090 --driver 535.129.03 -q").out;
  EXPECT_EQ(std::ranges::count(none, '\n'), 1) << none;
}

// What each program prints is its own: is_available() is PyTorch's.
TEST(Check, WhatIsSeenIsOfTheProgram) {
  auto seen = [](const std::string& target) {
    return cufit("check " + target + " --gpu a800 --driver 470.129.06").out.find("torch.cuda") !=
           std::string::npos;
  };
  EXPECT_TRUE(seen("torch==2.2.0+cu121"));
  EXPECT_FALSE(seen(example("libsaxpy.so")));
  EXPECT_FALSE(seen("tensorflow==2.16.1"));
}

TEST(Requirement, WhatTheCatalogueDoesNotKnowIsUndecided) {
  EXPECT_EQ(cufit("check torch==99.0 --gpu a100").exit, 3);
  EXPECT_EQ(cufit("check nosuchpackage==1.0 --gpu a100").exit, 3);
}

}  // namespace
}  // namespace cufit::commands
