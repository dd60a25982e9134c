// Machines, one in each folder: what cufit says of it is compared with what stands beside it.
// CUFIT_UPDATE_GOLDENS=1 writes that anew and says which files changed; `regenerate` also makes the machines
// again. Read the diff.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <set>

#include "commands/process.h"
#include "knowledge/machine_of.h"
#include "machines/compact.h"
#include "machines/readme.h"
#include "model/recording.h"

namespace cufit {
namespace {

namespace fs = std::filesystem;

const fs::path folder = CUFIT_SOURCE_DIR "/tests/machines";
constexpr size_t at_least = 25;

bool updating() { return std::getenv("CUFIT_UPDATE_GOLDENS") != nullptr; }

std::vector<std::string> names() {
  std::vector<std::string> names;
  for (auto& entry : fs::directory_iterator(folder))
    if (entry.is_directory() && fs::exists(entry.path() / "machine.json"))
      names.push_back(entry.path().filename());
  std::ranges::sort(names);
  return names;
}

std::string text_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// What the command prints of the machine, and its exit code.
std::string printed(const std::string& name, std::vector<std::string> args) {
  args.insert(args.end(), {"--machine", folder / name / "machine.json"});
  auto ran = commands::Process{}(args);
  return ran.err + ran.out + "exit " + std::to_string(ran.exit) + '\n';
}

void write(const fs::path& path, const std::string& text) {
  if (fs::exists(path) && text_of(path) == text) return;
  std::ofstream(path, std::ios::binary) << text;
  std::cout << "changed: " << fs::relative(path, CUFIT_SOURCE_DIR).string() << '\n';
}

class Machines : public ::testing::TestWithParam<std::string> {
 protected:
  fs::path file(const char* name) const { return folder / GetParam() / name; }

  void expect(const char* name, const std::string& found) const {
    if (updating()) return write(file(name), found);
    ASSERT_TRUE(fs::exists(file(name))) << file(name) << " is missing: tests/machines/regenerate writes it";
    EXPECT_EQ(found, text_of(file(name))) << "run tests/machines/regenerate if this is meant";
  }
};

TEST(AllMachines, AreCompared) {
  EXPECT_FALSE(updating()) << "CUFIT_UPDATE_GOLDENS is set: what stands beside them is written, not compared";
}

TEST(AllMachines, AreMany) { EXPECT_GE(names().size(), at_least); }

TEST(AllMachines, OneIsReal) {
  EXPECT_TRUE(std::ranges::any_of(names(), [](auto& name) {
    return text_of(folder / name / "README.md").starts_with("origin: recorded\n");
  }));
}

TEST(AllMachines, EveryFolderHoldsOne) {
  for (auto& entry : fs::directory_iterator(folder)) {
    auto name = entry.path().filename().string();
    bool holds_one = entry.is_directory() && name != "parts" && !name.starts_with("__");
    EXPECT_EQ(holds_one, fs::exists(entry.path() / "machine.json")) << name;
  }
}

TEST(AllMachines, NothingLiesThereThatNoTestReads) {
  const std::set<std::string> read = {"README.md",   "machine.json", "facts.txt",  "facts.zh.txt",
                                      "check.txt",   "check.zh.txt", "doctor.txt", "doctor.zh.txt",
                                      "report.json", "diff.txt"};
  for (auto& name : names())
    for (auto& entry : fs::directory_iterator(folder / name))
      EXPECT_TRUE(read.contains(entry.path().filename())) << entry.path();
}

TEST(Readme, SaysWhereTheMachineIsFrom) {
  using testing::fault_of_readme;
  std::string body = "\n\nWhat it is.\nWhat is wrong.\nWhat is right, and why.\n";
  auto fault = [&](const std::string& first) { return fault_of_readme(first + body, {"a-b"}); };
  EXPECT_EQ(fault("origin: recorded"), "");
  EXPECT_EQ(fault("origin: derived from a-b by a_step"), "");
  EXPECT_EQ(fault("origin: composed from https://example.org/"), "");
  EXPECT_NE(fault("origin: real"), "");
  EXPECT_NE(fault("origin: recorded by somebody"), "");
  EXPECT_NE(fault("origin: derived from c by a_step"), "");
  EXPECT_NE(fault("origin: derived from a-b"), "");
  EXPECT_NE(fault("origin: derived from a-b by A step"), "");
  EXPECT_NE(fault("origin: composed from memory"), "");
  EXPECT_NE(fault(""), "");
  EXPECT_NE(fault_of_readme("origin: recorded\n\nShort.\n", {}), "");
  EXPECT_NE(fault_of_readme("", {}), "");
}

TEST_P(Machines, HasAReadme) {
  ASSERT_TRUE(fs::exists(file("README.md")));
  EXPECT_EQ(testing::fault_of_readme(text_of(file("README.md")), names()), "");
}

/// It is written as cufit writes it, with the GPUs and the driver that cufit makes of its facts: somebody who
/// records this machine today gets this file.
TEST_P(Machines, IsWhatCufitWouldRecord) {
  auto text = text_of(file("machine.json"));
  auto recording = world_from_recording(text);
  ASSERT_TRUE(recording) << recording.error().message;
  auto& world = recording->world;
  ASSERT_TRUE(world.observed);
  EXPECT_TRUE(recording->redacted);
  auto machine = machine_of(*world.observed, world.machine.env, Knowledge::builtin());
  machine.platform = world.machine.platform;
  bool is_real = text_of(file("README.md")).starts_with("origin: recorded\n");
  if (updating() && !is_real) {
    world.machine = machine;
    // derive.py left out what is filled in here, so it is no news that this changes.
    std::ofstream(file("machine.json"), std::ios::binary) << recording_of(*recording);
    return;
  }
  EXPECT_EQ(write_json(world.machine), write_json(machine));
  EXPECT_EQ(recording_of(*recording), text);
}

TEST_P(Machines, FourSteps) {
  expect("doctor.txt", printed(GetParam(), {"doctor"}));
  expect("doctor.zh.txt", printed(GetParam(), {"doctor", "--lang", "zh"}));
}

TEST_P(Machines, OneScreen) {
  expect("facts.txt", printed(GetParam(), {}));
  expect("facts.zh.txt", printed(GetParam(), {"--lang", "zh"}));
}

TEST_P(Machines, CheckOfWhatIsInstalled) {
  expect("check.txt", printed(GetParam(), {"check"}));
  expect("check.zh.txt", printed(GetParam(), {"check", "--lang", "zh"}));
}

/// The machine that this one is derived from, if that is one of these: "origin: derived from NAME by STEP".
std::string derived_from(const std::string& readme) {
  constexpr std::string_view begins = "origin: derived from ";
  if (!readme.starts_with(begins)) return {};
  auto rest = readme.substr(begins.size());
  auto name = rest.substr(0, rest.find(' '));
  return fs::exists(folder / name / "machine.json") ? name : std::string();
}

/// What went wrong between the two decides, and nothing else is named.
TEST_P(Machines, DiffersFromTheOneItIsDerivedFrom) {
  auto good = derived_from(text_of(file("README.md")));
  if (good.empty()) {
    EXPECT_FALSE(fs::exists(file("diff.txt")));
    return;
  }
  std::string text;
  for (std::string lang : {"en", "zh"}) {
    auto ran = commands::Process{}(
        {"diff", "--lang", lang, folder / good / "machine.json", folder / GetParam() / "machine.json"});
    auto out = ran.err + ran.out;
    auto path = folder.string() + '/';
    for (auto at = out.find(path); at != out.npos; at = out.find(path)) out.erase(at, path.size());
    text += out + "exit " + std::to_string(ran.exit) + '\n';
  }
  EXPECT_EQ(text.find("\nexit 0"), text.npos) << "they do not differ";
  EXPECT_FALSE(text.contains("{\"")) << "values have words\n" << text;
  expect("diff.txt", text);
}

TEST_P(Machines, Report) {
  auto ran = commands::Process{}({"check", "--json", "--machine", file("machine.json")});
  auto report = report_from_json(ran.out);
  ASSERT_TRUE(report) << ran.err << ran.out.substr(0, 1000);
  expect("report.json", testing::compact(*report));
}

INSTANTIATE_TEST_SUITE_P(Each, Machines, ::testing::ValuesIn(names()), [](auto& info) {
  std::string name = info.param;
  std::ranges::replace(name, '-', '_');
  return name;
});

}  // namespace
}  // namespace cufit
