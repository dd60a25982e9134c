// --env beside --machine: what the recording says of libraries is judged anew with it.
#include <gtest/gtest.h>

#include <fstream>

#include "collect/scratch.h"
#include "commands/process.h"
#include "model/json.h"

namespace cufit::commands {
namespace {

Ran check(const std::string& machine, std::vector<std::string> more = {}) {
  std::vector<std::string> args = {"check", "torch==2.6.0+cu118", "--machine",
                                   CUFIT_SOURCE_DIR "/tests/machines/" + machine + "/machine.json"};
  args.insert(args.end(), more.begin(), more.end());
  return Process{}(args);
}

TEST(RecordedEnv, TheRemedyThatIsProposedHelps) {
  EXPECT_NE(check("l4-hidden-libcuda").out.find("LD_LIBRARY_PATH"), std::string::npos);
  auto ran = check("l4-hidden-libcuda", {"--env", "LD_LIBRARY_PATH=/usr/local/nvidia/lib64"});
  EXPECT_EQ(ran.exit, 0) << ran.out;
  EXPECT_EQ(ran.out.find("LD_LIBRARY_PATH"), std::string::npos) << ran.out;
  ran = check("stub-first", {"--env", "LD_LIBRARY_PATH="});
  EXPECT_EQ(ran.out.find("stub"), std::string::npos) << ran.out;
}

/// What lies in a folder that nobody looked into is not known.
TEST(RecordedEnv, AFolderThatWasNotRecordedIsSaid) {
  const std::string words = "hold no library of the driver";
  EXPECT_EQ(check("rtx3090", {"--why"}).out.find(words), std::string::npos);
  EXPECT_NE(check("rtx3090", {"--why", "--env", "LD_LIBRARY_PATH=/opt/x"}).out.find(words),
            std::string::npos);
  auto known = check("l4-hidden-libcuda", {"--why", "--env", "LD_LIBRARY_PATH=/usr/local/nvidia/lib64"});
  EXPECT_EQ(known.out.find(words), std::string::npos) << known.out;
}

/// A recording in which somebody changed one thing: which of the two is right nobody can tell, so it is said.
TEST(RecordedEnv, WhatContradictsItselfIsNamed) {
  test::Scratch scratch;
  auto noted = [&](auto change) {
    std::ifstream in(CUFIT_SOURCE_DIR "/tests/machines/rtx3090/machine.json");
    auto recording = Json::parse(in);
    change(recording);
    scratch.write("machine.json", recording.dump());
    return Process{}({"check", "--machine", scratch.path("machine.json")}).err;
  };
  EXPECT_EQ(noted([](Json&) {}).find("contradicts"), std::string::npos);
  EXPECT_NE(noted([](Json& r) {
              r["machine"]["driver"]["kernel"]["value"] = "470.57.02";
            }).find("driver 470.57.02, and version 535.183.01"),
            std::string::npos);
  EXPECT_NE(noted([](Json& r) { r["machine"]["gpus"] = Json::array(); }).find("1 GPU of NVIDIA was seen"),
            std::string::npos);
  EXPECT_NE(noted([](Json& r) {
              r["machine"]["gpus"][0]["sm"]["value"] = "12.0";
            }).find("has compute capability 12.0, and that board has 8.6"),
            std::string::npos);
  EXPECT_NE(noted([](Json& r) {
              r["machine"]["env"]["LD_LIBRARY_PATH"] = "/usr/lib/x86_64-linux-gnu";
            }).find("was not seen to be found by it"),
            std::string::npos);
}

}  // namespace
}  // namespace cufit::commands
