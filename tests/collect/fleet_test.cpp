// Fleets as people write them, as Kubernetes lists them, and as recordings.
#include "collect/fleet.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "collect/scratch.h"

namespace cufit::collect {
namespace {

Fleet toml(std::string_view text) {
  auto fleet = read_fleet_toml(text, "fleet.toml");
  EXPECT_TRUE(fleet) << (fleet ? "" : fleet.error().to_string());
  return fleet.value_or(Fleet{});
}

TEST(FleetToml, ReadsAllThatAGroupCanSay) {
  auto fleet = toml(R"(
[[group]]
name = "lab"
gpus = ["a800", "v100"]
driver = "470.129.06"
count = 12
os = "linux"
arch = "x86_64"
glibc = "2.31"
python = "cp312"
compat = "cuda-compat-12-4"
wsl = true
env = { CUDA_MODULE_LOADING = "EAGER" }
)");
  ASSERT_EQ(fleet.entries.size(), 1u);
  FleetEntry expected;
  expected.name = "lab", expected.where = "fleet.toml:2", expected.count = 12;
  expected.gpus = {"a800", "v100"}, expected.driver = "470.129.06", expected.os = "linux";
  expected.arch = "x86_64", expected.glibc = "2.31", expected.python = "cp312";
  expected.compat = "cuda-compat-12-4", expected.wsl = true,
  expected.env = {{"CUDA_MODULE_LOADING", "EAGER"}};
  EXPECT_EQ(fleet.entries[0], expected);
}

TEST(FleetToml, ABrokenGroupDoesNotLoseTheOthers) {
  auto fleet = toml(R"([[group]]
gpu = "a800"
[[group]]
gpu = "v100"
drivers = "470"
[[group]]
gpu = 7
[[group]]
count = 3
[[group]]
gpu = "t4"
count = 0
[[group]]
gpu = "t4"
count = 9223372036854775807
[other]
)");
  ASSERT_EQ(fleet.entries.size(), 1u);
  EXPECT_EQ(fleet.entries[0].name, "a800");
  std::map<std::string, std::string> gaps;
  for (auto& gap : fleet.unread) gaps[gap.path] = gap.what.id;
  EXPECT_EQ(gaps, (std::map<std::string, std::string>{{"fleet.toml:5", "fleet.unknown-key"},
                                                      {"fleet.toml:7", "fleet.not-a-string"},
                                                      {"fleet.toml:8", "fleet.no-gpu-named"},
                                                      {"fleet.toml:12", "fleet.bad-count"},
                                                      {"fleet.toml:15", "fleet.bad-count"},
                                                      {"fleet.toml:16", "fleet.not-a-group"}}));
}

TEST(FleetToml, GroupsWithEqualFactsAreOne) {
  auto fleet = toml(R"(
group = [{name = "a", gpu = "t4", count = 2}, {name = "b", gpu = "t4"}, {name = "c", gpu = "t4"},
         {name = "d", gpu = "t4"}, {name = "e", gpu = "t4", driver = "R535"}]
)");
  ASSERT_EQ(fleet.entries.size(), 2u);
  EXPECT_EQ(fleet.entries[0].count, 5u);
  EXPECT_EQ(fleet.entries[0].name, "a, b, c +1");
  EXPECT_EQ(fleet.entries[1].name, "e");
}

TEST(FleetToml, SyntaxErrorsNameTheLine) {
  auto fleet = read_fleet_toml("[[group]]\ngpu = a800\n", "fleet.toml");
  ASSERT_FALSE(fleet);
  EXPECT_EQ(fleet.error().file, "fleet.toml:2");
  EXPECT_FALSE(read_fleet_toml("", "fleet.toml"));
}

// Labels as in https://github.com/NVIDIA/k8s-device-plugin/blob/main/docs/gpu-feature-discovery/README.md.
std::string node(const std::string& name, const std::string& labels, const std::string& more = "") {
  return R"({"kind": "Node", "metadata": {"name": ")" + name + R"(", "labels": {)" + labels + R"(}},
    "status": {"nodeInfo": {"architecture": "amd64", "kernelVersion": "5.15.0", "operatingSystem": "linux"})" +
         more + "}}";
}
std::string list(const std::string& nodes) {
  return R"({"apiVersion": "v1", "items": [)" + nodes + R"(], "kind": "List"})";
}
Fleet nodes(const std::string& text) {
  auto fleet = read_fleet_json(list(text), "nodes.json");
  EXPECT_TRUE(fleet) << (fleet ? "" : fleet.error().to_string());
  return fleet.value_or(Fleet{});
}

TEST(FleetKubernetes, OldAndNewLabelsAreOneGroup) {
  auto fleet = nodes(
      node("a", R"("nvidia.com/gpu.product": "NVIDIA-A100-SXM4-80GB", "nvidia.com/gpu.compute.major": "8",
                   "nvidia.com/gpu.compute.minor": "0", "kubernetes.io/arch": "amd64",
                   "nvidia.com/cuda.driver-version.full": "535.104.05")") +
      ',' + node("b", R"("nvidia.com/gpu.product": "NVIDIA-A100-SXM4-80GB-MIG-1g.10gb-SHARED",
                   "nvidia.com/gpu.compute.major": "8", "nvidia.com/gpu.compute.minor": "0",
                   "nvidia.com/cuda.driver.major": "535", "nvidia.com/cuda.driver.minor": "104",
                   "nvidia.com/cuda.driver.rev": "05", "nvidia.com/cuda.runtime.major": "12")"));
  ASSERT_EQ(fleet.entries.size(), 1u);
  auto& e = fleet.entries[0];
  EXPECT_EQ(e.count, 2u);
  EXPECT_EQ(e.gpus, std::vector<std::string>{"NVIDIA-A100-SXM4-80GB"});
  EXPECT_EQ(e.name, "NVIDIA-A100-SXM4-80GB 535.104.05");
  EXPECT_EQ(e.driver, "535.104.05");
  EXPECT_EQ(e.capability, "8.0");
  EXPECT_EQ(e.arch, "amd64");
}

TEST(FleetKubernetes, NodesWithoutGpusAreCountedAndUnlabelledOnesNamed) {
  auto fleet = nodes(node("cpu", "") + ',' + node("cpu2", "", R"(, "capacity": {"nvidia.com/gpu": "0"})") +
                     ',' + node("dark", "", R"(, "capacity": {"nvidia.com/gpu": "4"})") + ',' +
                     node("slices", "", R"(, "capacity": {"nvidia.com/mig-1g.5gb": "7"})"));
  EXPECT_EQ(fleet.without_gpu, 2u);
  EXPECT_TRUE(fleet.entries.empty());
  ASSERT_EQ(fleet.unread.size(), 1u);
  EXPECT_EQ(fleet.unread[0].what, (Text{"fleet.nodes-without-labels", {{"n", "2"}, {"name", "dark"}}}));
}

TEST(FleetKubernetes, DriversWithTwoFieldsAndHostsUnderWindows) {
  auto text = node("w", R"("nvidia.com/gpu.product": "Tesla-T4", "kubernetes.io/arch": "arm64",
                           "nvidia.com/cuda.driver.major": "572", "nvidia.com/cuda.driver.minor": "16",
                           "nvidia.com/cuda.driver.rev": "")");
  auto kernel = text.find("5.15.0");
  text.replace(kernel, 6, "5.15.153.1-microsoft-standard-WSL2");
  auto fleet = nodes(text);
  ASSERT_EQ(fleet.entries.size(), 1u);
  EXPECT_EQ(fleet.entries[0].driver, "572.16");
  EXPECT_TRUE(fleet.entries[0].wsl);
  EXPECT_EQ(fleet.entries[0].arch, "arm64");
}

TEST(FleetKubernetes, OddInputIsAnErrorOrNothing) {
  for (auto* text : {"{", "{}", "{\"a\": 1}", "{\"items\": 3", "{\"machine\": 3", "{\"kind\": 7}"})
    EXPECT_FALSE(read_fleet_json(text, "x.json")) << text;
  for (auto* text : {R"([])", R"(3)", R"({"metadata": {"labels": [1]}})", R"({"metadata": 7, "status": "x"})",
                     R"({"metadata": {"name": 7, "labels": {"nvidia.com/gpu.product": 8}}})"})
    EXPECT_TRUE(nodes(text).entries.empty()) << text;
}

constexpr std::string_view machine = R"({"origin": "observed", "platform": "linux", "gpus": [{"id": "gpu3",
  "name": {"value": "A800", "from": "call:nvml"}, "sm": {"value": "8.0", "from": "call:nvml"}}],
  "driver": {"kernel": {"value": "470.129.06", "from": "path:/proc"}}, "assumed": []})";

TEST(FleetRecordings, ThreeFormsOfAMachineAreOneGroup) {
  auto directory = std::filesystem::temp_directory_path() / ("cufit-fleet-" + std::to_string(getpid()));
  std::filesystem::create_directory(directory);
  auto write = [&](const char* name, const std::string& text) { std::ofstream(directory / name) << text; };
  std::string bare(machine);
  write("a.json", bare);
  write("b.json", R"({"schema": "cufit.machine/1", "machine": )" + bare + "}");
  auto other = bare;
  write("c.json",
        R"({"schema": "cufit.report/1", "machine": )" + other.replace(other.find("gpu3"), 4, "gpu0") + "}");
  write("fleet.json", R"({"schema": "cufit.report/1", "groups": [], "machine": )" + bare + "}");
  write("broken.json", "{");
  write("notes.txt", "no recording");
  auto fleet = read_fleet(directory.string());
  std::filesystem::remove_all(directory);
  ASSERT_TRUE(fleet) << fleet.error().to_string();
  ASSERT_EQ(fleet->entries.size(), 1u);
  EXPECT_EQ(fleet->entries[0].count, 3u);
  EXPECT_EQ(fleet->entries[0].name, "A800 470.129.06");
  ASSERT_TRUE(fleet->entries[0].machine);
  EXPECT_EQ(fleet->unread.size(), 2u);
}

TEST(FleetRecordings, ARecordingOfAnotherVersionIsNotGuessedAt) {
  auto newer = R"({"schema": "cufit.machine/2", "machine": )" + std::string(machine) + "}";
  auto fleet = read_fleet_json(newer, "x.json");
  ASSERT_TRUE(fleet);
  EXPECT_TRUE(fleet->entries.empty());
  ASSERT_EQ(fleet->unread.size(), 1u);
  EXPECT_EQ(fleet->unread[0].what.id, "record.newer");
}

/// Nobody can tell which of the two counts: --machine refuses it as well.
TEST(FleetRecordings, AMemberThatStandsThereTwice) {
  auto twice = R"({"schema": "cufit.machine/1", "machine": {}, "machine": )" + std::string(machine) + "}";
  auto fleet = read_fleet_json(twice, "x.json");
  ASSERT_TRUE(fleet);
  EXPECT_TRUE(fleet->entries.empty());
  ASSERT_EQ(fleet->unread.size(), 1u);
  EXPECT_EQ(fleet->unread[0].path, "x.json");
}

TEST(FleetRecordings, WhatIsNotThereIsAnError) {
  EXPECT_FALSE(read_fleet("/nonexistent/fleet.toml"));
  EXPECT_FALSE(read_fleet("/dev/null"));
}

}  // namespace
}  // namespace cufit::collect
