// cufit doctor on this machine, with drivers of tests/probe/fake in place of the real one.
#include <gtest/gtest.h>

#include <filesystem>

#include "collect/scratch.h"
#include "commands/process.h"
#include "model/json.h"

namespace cufit::commands {
namespace {

/// `fault` as tests/probe/fake/fake.h has it; empty: the driver is well.
Ran doctor(const std::string& fault, std::vector<std::string> more = {}, Io::Wrote writing = Io::Wrote::all) {
  Process process;
  process.env = {{"LD_LIBRARY_PATH", CUFIT_FAKES "/new"}, {"FAKE_DRIVER", fault}};
  process.writing = writing;
  std::vector<std::string> args = {"doctor", CUFIT_SOURCE_DIR "/examples/libsaxpy.so"};
  args.insert(args.end(), more.begin(), more.end());
  return process(args);
}

bool names(const Ran& ran, const std::string& cause) {
  auto report = Json::parse(ran.out);
  return std::ranges::any_of(report["findings"], [&](auto& f) { return f["cause"] == cause; });
}

Json step(const Ran& ran, const std::string& name) {
  auto report = Json::parse(ran.out);
  for (auto& step : report["steps"])
    if (step["step"] == name) return step;
  return {};
}

TEST(Doctor, ProvesWhatADriverTakes) {
  auto ran = doctor("");
  EXPECT_NE(ran.out.find("NVML lists 2 GPUs, CUDA 2"), std::string::npos) << ran.out << ran.err;
  EXPECT_EQ(ran.out.find("none loaded"), std::string::npos) << ran.out;  // NVML tells the driver
  EXPECT_NE(ran.out.find("a kernel ran as machine code, and as PTX"), std::string::npos) << ran.out;
  EXPECT_EQ(step(doctor("", {"--json"}), "proof")["state"], "works");
}

TEST(Doctor, TellsHowEachGpuIsNow) {
  auto ran = doctor("");
  EXPECT_NE(ran.out.find("GiB free, "), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find(" °C, "), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find(" W, "), std::string::npos) << ran.out;
  auto colder = doctor("code:nvmlDeviceGetTemperature:3").out;
  EXPECT_EQ(colder.find("°C"), std::string::npos) << colder;
}

TEST(Doctor, StartsNoCudaWithoutProof) {
  auto report = Json::parse(doctor("hang:cuInit", {"--proof=none", "--json"}).out);
  EXPECT_EQ(report["probed"]["cuda"]["asking"]["end"], "done");
  EXPECT_EQ(report["probed"]["cuda"]["cuda"]["value"], "13.0");
  EXPECT_FALSE(report["probed"]["cuda"].contains("init"));
}

TEST(Doctor, ADriverThatFailsIsTold) {
  auto ran = doctor("code:cuInit:802", {"--json"});
  EXPECT_EQ(ran.exit, 1);
  EXPECT_TRUE(names(ran, "fabric-manager-down")) << ran.out;
  EXPECT_EQ(step(ran, "driver")["state"], "fails");
  EXPECT_TRUE(names(doctor("crash:cuInit", {"--json"}), "driver-crashes"));
  EXPECT_FALSE(names(doctor("", {"--json"}), "driver-crashes"));
}

TEST(Doctor, WhereNothingRunsItIsAnError) {
  auto ran = doctor("code:cuCtxSynchronize:719", {"--json"});
  EXPECT_EQ(ran.exit, 1);
  EXPECT_TRUE(names(ran, "driver-refuses"));
  EXPECT_FALSE(
      names(doctor("code:cuCtxSynchronize:719 code:cuModuleLoadData:719", {"--json"}), "image-refused"));
  EXPECT_TRUE(names(doctor("code:cuDeviceGetCount:3", {"--json"}), "driver-refuses"));
}

TEST(Doctor, ARecordingHoldsTheAnswersThatWereAskedFor) {
  test::Scratch scratch;
  auto file = scratch.path("machine.json");
  const std::string target = CUFIT_SOURCE_DIR "/examples/libsaxpy.so";
  Process process;
  process.env = {{"LD_LIBRARY_PATH", CUFIT_FAKES "/new"}};
  ASSERT_EQ(process({"record", target, "--no-redact", "--proof=kernel", "-o", file}).exit, 0);
  auto proofs = [](const std::vector<std::string>& args) {
    auto report = Json::parse(Process{}(args).out);
    return report.contains("probed") ? report["probed"]["cuda"]["gpus"][0]["proofs"].size() : 0;
  };
  EXPECT_EQ(proofs({"doctor", "--machine", file, "--json"}), 4u);
  // A context, PTX and machine code were of the GPU; the image was of another target.
  EXPECT_EQ(proofs({"doctor", CUFIT_SOURCE_DIR "/examples/saxpy.fatbin", "--machine", file, "--json"}), 3u);
  ASSERT_EQ(process({"record", target, "--no-redact", "-o", file}).exit, 0);
  EXPECT_EQ(proofs({"doctor", "--machine", file, "--json"}), 0u);
}

TEST(Doctor, EnvironmentsThatItDoesNotLookAtAreCounted) {
  test::Scratch scratch;
  for (int i = 0; i < 10; i++) {
    auto env = "root/opt/e" + std::to_string(i);
    scratch.write(env + "/pyvenv.cfg", "home = /usr/bin\nversion = 3.12.3\n");
    scratch.write(env + "/lib/python3.12/site-packages/torch-2.9.1+cpu.dist-info/METADATA",
                  "Name: torch\nVersion: 2.9.1+cpu\n");
  }
  auto ran = cufit("doctor --no-cache --root " + scratch.path("root"));
  EXPECT_NE(ran.err.find("2 more environments with GPU code were not looked at"), ran.err.npos) << ran.err;
  EXPECT_EQ(cufit("doctor -q --no-cache --root " + scratch.path("root")).err, "");
}

/// The time that is given holds for Python as well.
TEST(Doctor, ADeadlineEndsPython) {
  test::Scratch scratch;
  scratch.write("venv/pyvenv.cfg", "home = /usr/bin\nversion = 3.12.3\n");
  scratch.write("venv/lib/python3.12/site-packages/torch-2.9.1+cpu.dist-info/METADATA",
                "Name: torch\nVersion: 2.9.1+cpu\n");
  auto python = scratch.write("venv/bin/python3", "#!/bin/sh\nsleep 1000\n");
  std::filesystem::permissions(python, std::filesystem::perms::owner_all);
  Process process;
  process.env = {{"LD_LIBRARY_PATH", CUFIT_FAKES "/new"}, {"PATH", "/usr/bin:/bin"}};
  auto report = Json::parse(
      process({"doctor", "--no-cache", scratch.path("venv"), "--proof=python", "--deadline=1", "--json"})
          .out);
  auto& proofs = report["probed"]["python"];
  ASSERT_EQ(proofs.size(), 1u);
  EXPECT_EQ(proofs[0]["end"], "hung");
  EXPECT_EQ(proofs[0]["how"], "1 s in all");
}

TEST(Doctor, WatchEndsWithItsReader) {
  auto ran = doctor("code:cuInit:802", {"--watch"}, Io::Wrote::reader_gone);
  EXPECT_EQ(ran.exit, 0);  // a closed pipe is success
  EXPECT_EQ(std::ranges::count(ran.out, '\n'), 1) << ran.out;
}

TEST(Doctor, WhatDoesNotGoTogether) {
  for (auto* words : {"doctor --watch --json", "doctor --machine m.json --proof=none",
                      "doctor --watch --machine m.json", "doctor --deadline 0", "doctor --deadline x",
                      "doctor --root /tmp --proof=none", "record --root /tmp --proof=none",
                      "record --proof=all", "doctor /nonexistent", "doctor --json /nonexistent"})
    EXPECT_EQ(Process{}(words).exit, 2) << words;
}

}  // namespace
}  // namespace cufit::commands
