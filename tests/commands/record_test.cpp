// cufit record: what it writes of a machine, and what other commands say of that file.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "collect/scratch.h"
#include "commands/process.h"
#include "model/json.h"

namespace cufit::commands {
namespace {

namespace fs = std::filesystem;

/// A root file system with an environment that holds GPU code.
class Recorded : public testing::Test {
 protected:
  void SetUp() override {
    const std::string site = "root/opt/venv/lib/python3.12/site-packages/";
    scratch_.write("root/opt/venv/pyvenv.cfg", "home = /usr/bin\nversion = 3.12.3\n");
    scratch_.write(site + "torch-2.6.0.dist-info/METADATA", "Name: torch\nVersion: 2.6.0\n");
    scratch_.write(site + "torch-2.6.0.dist-info/RECORD", "torch/lib/libsaxpy.so,,\ntorch/__init__.py,,\n");
    scratch_.write(site + "torch/__init__.py", "");
    fs::create_directories(scratch_.path(site + "torch/lib"));
    fs::copy_file(example("libsaxpy.so"), scratch_.path(site + "torch/lib/libsaxpy.so"));
  }
  std::string root() const { return scratch_.path("root"); }
  Ran record(const std::string& words) const { return Process{}("record --root " + root() + ' ' + words); }

  test::Scratch scratch_;
};

TEST_F(Recorded, PathsAreThoseOfTheMachineBelowTheRoot) {
  auto ran = record("--no-redact");
  ASSERT_EQ(ran.exit, 0) << ran.err;
  auto json = Json::parse(ran.out);
  EXPECT_EQ(json["observed"]["root"], root());  // where it was looked at, and nowhere else
  json["observed"].erase("root");
  auto text = json.dump();
  EXPECT_EQ(text.find(root()), text.npos);
  ASSERT_EQ(json["subjects"].size(), 1u);
  EXPECT_EQ(json["subjects"][0]["environment"], "/opt/venv");
  EXPECT_EQ(json["observed"]["environments"][0]["root"], "/opt/venv");
}

TEST_F(Recorded, JudgedLaterLikeTheMachineItself) {
  auto file = scratch_.path("machine.json");
  ASSERT_EQ(record("--no-redact -o " + file).exit, 0);
  auto live = cufit("--root " + root()), later = cufit("--machine " + file);
  EXPECT_NE(live.out.find("torch 2.6.0"), live.out.npos) << live.out << live.err;
  EXPECT_EQ(live.out, later.out);
  EXPECT_EQ(live.exit, later.exit);
}

TEST_F(Recorded, TheScreenShowsWhatWasNamed) {
  fs::create_directories(scratch_.path("root/data"));
  fs::rename(scratch_.path("root/opt/venv"), scratch_.path("root/data/elsewhere"));
  auto file = scratch_.path("machine.json");
  ASSERT_EQ(record("--no-redact " + root() + "/data/elsewhere -o " + file).exit, 0);
  auto screen = cufit("--machine " + file).out;
  EXPECT_NE(screen.find("/data/elsewhere  venv, Python 3.12"), screen.npos) << screen;
  EXPECT_NE(screen.find("torch 2.6.0"), screen.npos) << screen;
}

TEST_F(Recorded, WhatIsNamedIsJudgedInPlaceOfWhatWasRecorded) {
  const std::string v100 = " --machine " CUFIT_SOURCE_DIR "/tests/machines/v100/machine.json";
  scratch_.write("r.txt", "torch==2.6.0+cu124\n");
  auto versions = [&](const std::string& line) {
    std::vector<std::string> all;
    auto report = Json::parse(cufit("check --no-cache --json " + line + v100).out);
    EXPECT_EQ(report["machine"]["gpus"].size(), 2u) << line;
    for (auto& s : report["subjects"]) all.push_back(s["version"]);
    return all;
  };
  using Versions = std::vector<std::string>;
  EXPECT_EQ(versions(""), (Versions{"2.11.0+cu130", "3.6.0"}));
  EXPECT_EQ(versions("--root " + root()), Versions{"2.6.0"});
  EXPECT_EQ(versions("-r " + scratch_.path("r.txt")), Versions{"2.6.0+cu124"});
}

TEST_F(Recorded, IsInspectedWithoutNamingItsFiles) {
  auto file = scratch_.path("machine.json");
  ASSERT_EQ(record("--no-redact -o " + file).exit, 0);
  auto ran = cufit("inspect --machine " + file);
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_NE(ran.out.find("torch/lib/libsaxpy.so"), ran.out.npos) << ran.out;
  auto loads = cufit("inspect --libs --machine " + file);
  EXPECT_EQ(loads.exit, 0) << loads.err;
  EXPECT_NE(loads.out.find("torch 2.6.0"), loads.out.npos) << loads.out;
  EXPECT_EQ(cufit("inspect --libs").exit, 2);
}

/// One sentence for all that was not recorded, in place of one for each folder that is not known.
TEST_F(Recorded, WhatItLoadsIsNotToldWithoutItsFiles) {
  const std::string libs =
      "inspect --libs --machine " CUFIT_SOURCE_DIR "/tests/machines/rtx3090/machine.json";
  for (auto& line : {libs, libs + ' ' + root() + "/opt/venv"}) {
    auto ran = cufit(line);
    EXPECT_EQ(ran.exit, 3) << line;
    EXPECT_EQ(ran.out, "");
    EXPECT_NE(ran.err.find("the recording lacks the files"), ran.err.npos) << ran.err;
  }
  auto file = scratch_.path("machine.json");
  ASSERT_EQ(record("--no-redact -o " + file).exit, 0);
  EXPECT_EQ(cufit("inspect --libs --machine " + file).exit, 0);
}

TEST_F(Recorded, AFileIsReplacedAndADeviceIsWrittenTo) {
  auto file = scratch_.path("machine.json");
  scratch_.write("machine.json", "old");
  ASSERT_EQ(record("-o " + file).exit, 0);
  std::ifstream in(file);
  EXPECT_EQ(in.get(), '{');
  EXPECT_FALSE(fs::exists(file + ".part"));
  EXPECT_EQ(record("-o /dev/null").exit, 0);
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
  auto ran = record("-o " + scratch_.path("no/such/folder/m.json"));
  EXPECT_EQ(ran.exit, 2);
  EXPECT_NE(ran.err.find("no/such/folder"), ran.err.npos);
}

TEST_F(Recorded, ItsPeopleAndItsHostAreReplaced) {
  scratch_.write("root/etc/hostname", "node77.corp.example\n");
  scratch_.write("root/etc/passwd",
                 "root:x:0:0::/root:/bin/sh\n"
                 "jdoe:x:1001:1001::/data/john.d:/bin/sh\n"
                 "daemon:x:2:2::/opt/daemon:/bin/sh\n"
                 "damaged\n");
  scratch_.write("root/etc/environment",
                 "LD_LIBRARY_PATH=/opt/node77/lib:/data/john.d/lib:/opt/jdoe/lib:/opt/daemon/lib\n"
                 "NCCL_COMM_ID=node77:29500\n");
  auto ran = record("");
  auto plain = record("--no-redact");
  EXPECT_EQ(ran.exit, 0) << ran.err;
  for (auto name : {"node77", "jdoe", "john.d"}) {
    EXPECT_TRUE(plain.out.contains(name)) << name;
    EXPECT_FALSE(ran.out.contains(name)) << name << '\n' << ran.out;
  }
  EXPECT_TRUE(ran.out.contains("/opt/host1/lib:")) << ran.out;
  EXPECT_TRUE(ran.out.contains("host1:29500")) << ran.out;
  EXPECT_TRUE(ran.out.contains("/opt/daemon/lib")) << ran.out;
}

TEST_F(Recorded, NamesThatOnlyTheShellTellsAreReplaced) {
  Process shell{{{"HOME", "/srv/people/marta"},
                 {"USER", "mk"},
                 {"SLURMD_NODENAME", "rack3"},
                 {"LD_LIBRARY_PATH", "/data/marta/lib:/data/mk/lib:/data/rack3/lib"}}};
  auto environment = scratch_.path("root/opt/venv");
  auto plain = shell("record --no-redact " + environment), ran = shell("record " + environment);
  EXPECT_EQ(ran.exit, 0) << ran.err;
  for (auto name : {"/data/marta", "/data/mk", "/data/rack3"}) {
    EXPECT_TRUE(plain.out.contains(name)) << name;
    EXPECT_FALSE(ran.out.contains(name)) << name;
  }
  EXPECT_FALSE(ran.out.contains("SLURMD_NODENAME"));
}

}  // namespace
}  // namespace cufit::commands
