// cufit check and inspect as whole commands, on the files in examples/.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "commands/process.h"
#include "model/json.h"

namespace cufit::commands {
namespace {

Json report(const std::string& line) {
  auto ran = cufit(line + " --json");
  EXPECT_FALSE(ran.out.empty()) << line << '\n' << ran.err;
  return ran.out.empty() ? Json() : Json::parse(ran.out);
}

TEST(Check, ExitCodeIsTheWorstVerdict) {
  auto library = example("libsaxpy.so"), fatbin = example("saxpy.fatbin");
  EXPECT_EQ(cufit("check " + library + " --gpu a800 --driver 580.65.06").exit, 0);
  EXPECT_EQ(cufit("check " + library + " --gpu a800 --driver 470.129.06").exit, 1);  // CUDA 13 on R470: DRV-2
  EXPECT_EQ(cufit("check " + library + " --gpu v100").exit, 1);  // no code for 7.0: SASS-1
  EXPECT_EQ(cufit("check " + fatbin + " --gpu h100").exit, 0);   // PTX only: limited
  EXPECT_EQ(cufit("check " + fatbin + " --gpu h100 --fail-on limited").exit, 1);
  EXPECT_EQ(cufit("check " + fatbin + ' ' + library + " --gpu a800,v100").exit, 1);
  EXPECT_EQ(cufit("check " + fatbin + " /nonexistent/file --gpu a800").exit, 2);
  EXPECT_EQ(cufit("check " + library + " /nonexistent/file --gpu v100").exit, 1);  // unfit before not opened
}

TEST(Check, ATargetThatCannotBeOpenedDoesNotStopTheOthers) {
  auto r = report("check /nonexistent/file " + example("saxpy.fatbin") + " --gpu a800");
  ASSERT_EQ(r["judgements"].size(), 1u);
  EXPECT_EQ(r["subjects"][0]["id"], "s0");
  ASSERT_EQ(r["unread"].size(), 1u);
  EXPECT_EQ(r["unread"][0]["path"], "/nonexistent/file");
  EXPECT_EQ(r["summary"]["exit"], 2);
}

TEST(Check, JsonSaysSoEvenIfNothingCouldBeOpened) {
  auto r = report("inspect /nonexistent/file");
  EXPECT_EQ(r["command"], "inspect");
  EXPECT_EQ(r["unread"].size(), 1u);
}

TEST(Check, GpusAreNumberedAsGivenAndEqualOnesOnce) {
  auto r = report("check " + example("saxpy.fatbin") + " --gpu h100,a800 --gpu sm_89 --gpu A800");
  ASSERT_EQ(r["machine"]["gpus"].size(), 3u);
  EXPECT_EQ(r["machine"]["gpus"][0]["id"], "gpu0");
  EXPECT_EQ(r["machine"]["gpus"][0]["sm"]["value"], "9.0");
  EXPECT_EQ(r["machine"]["gpus"][1]["sm"]["value"], "8.0");
  EXPECT_EQ(r["machine"]["gpus"][2]["sm"]["value"], "8.9");
  EXPECT_EQ(r["machine"]["gpus"][2]["sm"]["from"], "arg:--gpu");
  EXPECT_EQ(r["judgements"].size(), 3u);
}

TEST(Check, FactsOfTheCommandLineHaveTheirSource) {
  auto r = report("check " + example("saxpy.fatbin") +
                  " --gpu a800 --driver 470.129.06 --env CUDA_MODULE_LOADING=EAGER");
  EXPECT_EQ(r["machine"]["driver"]["kernel"]["value"], "470.129.06");
  EXPECT_EQ(r["machine"]["driver"]["kernel"]["from"], "arg:--driver");
  EXPECT_EQ(r["machine"]["driver"]["cuda"]["value"], "11.4");
  EXPECT_EQ(r["machine"]["env"]["CUDA_MODULE_LOADING"], "EAGER");
}

TEST(Check, NoDriverMeansTellWhichIsNeeded) {
  for (std::string driver : {"", " --driver none", " --driver absent"}) {
    auto r = report("check " + example("libsaxpy.so") + " --gpu a800" + driver);
    EXPECT_FALSE(r["machine"]["driver"].contains("kernel")) << driver;
    EXPECT_EQ(r["judgements"][0]["needs"]["driver"], ">=580.65.06") << driver;
  }
}

// A branch is an answer only if all its drivers agree.
TEST(Check, ABranchIsEnoughIfItsDriversAgree) {
  auto too_old = report("check " + example("libsaxpy.so") + " --gpu a800 --driver R470");
  EXPECT_EQ(too_old["judgements"][0]["verdict"], "unfit");
  auto assumed = too_old["machine"]["assumed"];
  EXPECT_NE(std::ranges::find(assumed, "first-driver-of-branch"), assumed.end());
  EXPECT_EQ(cufit("check " + example("libsaxpy.so") + " --gpu a800 --driver r590").exit, 0);
}

TEST(Check, ABranchWhoseDriversDisagreeIsUndecided) {
  // 580.65.06 is the floor of CUDA 13; "580.65" may be a driver below it, or that one.
  auto ran = cufit("check " + example("libsaxpy.so") + " --gpu a800 --driver 580.65");
  EXPECT_EQ(ran.exit, 3);
  EXPECT_NE(ran.out.find("from 580.65 to 580.65.99: give the whole version"), std::string::npos) << ran.out;
  // Other targets keep their answer.
  auto both = report("check " + example("saxpy_sm80.cubin") + ' ' + example("saxpy_compute90.ptx") +
                     " --gpu h100 --driver R580");
  EXPECT_EQ(both["judgements"][0]["verdict"], "unfit");
  EXPECT_EQ(both["judgements"][1]["verdict"], "limited");
}

TEST(Check, AFolderInWhichNothingIsIsUndecided) {
  auto dir = std::filesystem::temp_directory_path() / ("cufit-empty-" + std::to_string(getpid()));
  std::filesystem::create_directories(dir);
  auto ran = cufit("check " + dir.string() + " --gpu a800");
  std::filesystem::remove(dir);
  EXPECT_EQ(ran.exit, 3) << ran.out;
}

TEST(Check, ACudaVersionIsNoDriver) {
  auto ran = cufit("check " + example("saxpy.fatbin") + " --gpu a800 --driver 12.4");
  EXPECT_EQ(ran.exit, 2);
  EXPECT_NE(ran.err.find("not the CUDA version"), std::string::npos) << ran.err;
}

TEST(Check, ADriverOfWindowsHasTwoFields) {
  auto line = "check " + example("saxpy.fatbin") + " --gpu a800 --platform windows --driver 581.15";
  auto r = report(line);
  EXPECT_EQ(r["machine"]["platform"], "windows");
  EXPECT_EQ(r["machine"]["driver"]["kernel"]["value"], "581.15");
}

TEST(Check, RolesComeFromTheKnowledge) {
  auto r = report("inspect " + example("libsaxpy.so"));
  EXPECT_EQ(r["subjects"][0]["members"][0]["role"], "core");
}

TEST(Inspect, TellsWhichPassRan) {
  auto file = example("libsaxpy.so");
  EXPECT_EQ(report("inspect " + file)["subjects"][0]["read"]["pass"], "full");
  auto usual = report("inspect --pass usual " + file);
  EXPECT_EQ(usual["subjects"][0]["read"]["pass"], "usual");
  EXPECT_EQ(usual["subjects"][0]["members"][0]["shapes"].size(), 2u);
}

TEST(Inspect, GivesNoVerdict) {
  auto r = report("inspect " + example("saxpy_sm80.cubin"));
  EXPECT_TRUE(r["judgements"].empty());
  EXPECT_EQ(r["subjects"][0]["members"][0]["shapes"][0]["images"][0]["target"], "8.0");
}

}  // namespace
}  // namespace cufit::commands
