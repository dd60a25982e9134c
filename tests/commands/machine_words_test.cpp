// What commands say of whole machines: GPUs that are equal or not known, and what to do where no command
// helps.
#include <gtest/gtest.h>

#include "collect/scratch.h"
#include "commands/process.h"
#include "model/json.h"

namespace cufit::commands {
namespace {

std::string recorded(const std::string& name) {
  return " --machine " CUFIT_SOURCE_DIR "/tests/machines/" + name + "/machine.json";
}

size_t count(const std::string& text, const std::string& part) {
  size_t n = 0;
  for (auto at = text.find(part); at != text.npos; at = text.find(part, at + 1)) n++;
  return n;
}

const std::string three = "torch==2.6.0+cu124 vllm==0.8.0 bitsandbytes==0.45.0";

TEST(EqualGpus, AreOneColumnAndCountedOnce) {
  auto ran = cufit("check " + three + recorded("h800"));
  EXPECT_GE(count(ran.out, "8 x NVIDIA H800 (sm_90)"), 1u) << ran.out;
  EXPECT_EQ(count(ran.out, "NVIDIA H800"), count(ran.out, "8 x NVIDIA H800")) << ran.out;
  auto html = cufit("check --format html " + three + recorded("h800")).out;
  EXPECT_EQ(count(html, "NVIDIA H800"), count(html, "8 x NVIDIA H800")) << html;
  auto report = Json::parse(cufit("check --json " + three + recorded("h800")).out);
  EXPECT_EQ(report["machine"]["gpus"].size(), 8u);
}

TEST(EqualGpus, AreOneLine) {
  auto quiet = cufit("check -q" + recorded("v100")).out;
  EXPECT_EQ(count(quiet, "\n"), 1u) << quiet;
  EXPECT_EQ(count(quiet, "2 x Tesla V100"), 1u) << quiet;
  auto picked = cufit("pick torch" + recorded("v100")).out;
  EXPECT_EQ(count(picked, "Tesla V100"), 1u) << picked;
  EXPECT_EQ(count(picked, "2 x Tesla V100"), 1u) << picked;
}

TEST(EqualGpus, OfAFleetAreOneColumn) {
  auto ran = cufit("check torch==2.6.0+cu124 --fleet " CUFIT_SOURCE_DIR "/tests/machines/h800/machine.json");
  EXPECT_EQ(count(ran.out, "8 x NVIDIA H800 (sm_90)"), 1u) << ran.out << ran.err;
  EXPECT_EQ(ran.out.find("1-8"), ran.out.npos) << ran.out;
  EXPECT_EQ(count(ran.out, " + "), 0u) << ran.out;
}

TEST(Fleet, VariablesOfRecordingsAreNoSlips) {
  auto ran = cufit("check torch==2.6.0+cu124 --fleet " CUFIT_SOURCE_DIR "/tests/machines");
  EXPECT_EQ(ran.err.find("no rule of cufit asks"), ran.err.npos) << ran.err;
  EXPECT_EQ(ran.out.find("NVIDIA_PRODUCT_NAME"), ran.out.npos) << "decides nothing\n" << ran.out;
  EXPECT_NE(ran.out.find("CUDA_VISIBLE_DEVICES=MIG-"), ran.out.npos) << ran.out;
  auto given = cufit("check torch==2.6.0+cu124 --env MY_OWN=1 --fleet " CUFIT_SOURCE_DIR "/tests/machines");
  EXPECT_NE(given.err.find("MY_OWN"), given.err.npos) << given.err;
}

TEST(UnknownGpu, IsNamedByItsMachine) {
  test::Scratch root;
  root.write("etc/os-release", "ID=debian\n");
  auto below = " --root " + root.path("");
  auto app = root.path("libsaxpy.so");
  std::filesystem::copy_file(example("libsaxpy.so"), app);
  for (std::string format : {"text", "sarif", "junit", "html"}) {
    auto here = cufit("check libsaxpy.so --format " + format + below);
    EXPECT_NE(here.out.find("this machine"), here.out.npos) << here.out << here.err;
    EXPECT_EQ(here.out.find("gpu0"), here.out.npos) << here.out;
    auto there = cufit("check " + app + " --format " + format + recorded("container-bare"));
    EXPECT_NE(there.out.find("that machine"), there.out.npos) << there.out << there.err;
    EXPECT_EQ(there.out.find("this machine"), there.out.npos) << there.out;
  }
  EXPECT_NE(cufit("check libsaxpy.so --lang zh" + below).out.find("在 本机 上"), std::string::npos);
  auto report = Json::parse(cufit("check libsaxpy.so --json" + below).out);
  EXPECT_EQ(report["machine"]["gpus"].size(), 0u);
  EXPECT_EQ(report["judgements"][0]["gpu"], "gpu0");
}

TEST(UnknownGpu, LeadsToTheOptionsThatNameOne) {
  auto wsl = cufit("check" + recorded("wsl2")).out;
  EXPECT_NE(wsl.find("--gpu rtx4090"), wsl.npos) << wsl;
  EXPECT_EQ(cufit("check" + recorded("h800")).out.find("--gpu rtx4090"), std::string::npos);
}

TEST(UnknownGpu, LeavesAllOpenByOneReasonSaidOnce) {
  auto reason = "the compute capability of the GPU is not known";
  EXPECT_EQ(count(cufit("check" + recorded("wsl2")).out, reason), 1u);
  auto why = cufit("check --why" + recorded("wsl2")).out;
  EXPECT_EQ(count(why, "SASS-1"), 1u) << why;
  EXPECT_NE(why.find("torch 2.9.1+cu128, triton 3.5.1 on that machine"), why.npos) << why;
}

TEST(Fixes, OfAMachineAreNamedByTheirCause) {
  auto ran = cufit("check --fix" + recorded("gvisor"));
  EXPECT_EQ(ran.out.find("# :"), ran.out.npos) << ran.out;
  EXPECT_NE(ran.out.find("# /dev/shm is too small"), ran.out.npos) << ran.out;
  EXPECT_NE(ran.out.find("# no command is known that helps here"), ran.out.npos) << ran.out;
}

TEST(Fixes, WhereACommandHelpsNothingElseIsClaimed) {
  auto ran = cufit("check --fix" + recorded("v100"));
  EXPECT_NE(ran.out.find("\npip install"), ran.out.npos) << ran.out;
  EXPECT_EQ(ran.out.find("no command is known"), ran.out.npos) << ran.out;
  EXPECT_EQ(cufit("check --fix" + recorded("h800")).out, "");
}

TEST(Screen, SaysTheLimitOfWhatIsLimited) {
  auto compat = cufit(recorded("a800-compat")).out;
  EXPECT_NE(compat.find("limited    torch 2.9.1+cu128: forward compatibility"), compat.npos) << compat;
  auto orin = cufit(recorded("orin")).out;
  EXPECT_NE(orin.find("limited    torch 2.6.0: torch 2.6.0 has no CUDA"), orin.npos) << orin;
}

TEST(Screen, AContainerIsNoLimit) {
  auto text = cufit(recorded("a800-compat")).out;
  EXPECT_NE(text.find(", container (docker)\n"), text.npos) << text;
  EXPECT_NE(text.find("limits   512 GiB"), text.npos) << text;
}

TEST(Driver, ABranchIsSaidAsGiven) {
  auto check = [](const std::string& driver) {
    return cufit("check " + example("libsaxpy.so") + " --gpu a800 --driver " + driver).out;
  };
  EXPECT_NE(check("R580").find("driver R580, taken as 580.65.06 (CUDA 13.0)"), std::string::npos);
  EXPECT_NE(check("580.65.06").find("driver 580.65.06 (CUDA 13.0)"), std::string::npos);
}

TEST(Catalogue, WhatItDoesNotHaveIsNoPlaceThatCouldNotBeRead) {
  auto ran = cufit("check foobar-cuda==1 --gpu h100");
  EXPECT_EQ(count(ran.out, "is not in the catalogue"), 1u) << ran.out;
  EXPECT_EQ(ran.out.find("could not be read"), ran.out.npos) << ran.out;
}

}  // namespace
}  // namespace cufit::commands
