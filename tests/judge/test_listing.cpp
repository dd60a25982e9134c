// Which GPUs a program gets: those that it was given, that CUDA lists, that CUDA_VISIBLE_DEVICES leaves.
#include <algorithm>

#include "judge/observed_world.h"

namespace cufit::testing {
namespace {

/// Two boards on the bus, numbered in its order, whose nodes open.
Json two_gpus(const char* first, const char* second) {
  Json patch = {{"gpus", {first, second}}};
  auto& o = patch["observed"];
  o["pci"]["0000:5e:00.0"] = Json::object();
  o["minors"] = {{"0000:3b:00.0", 0}, {"0000:5e:00.0", 1}};
  o["nodes"]["/dev/nvidia1"] = "opens";
  return patch;
}

/// A GPU of several that the variable leaves out is no fault; an index beyond all of them is.
TEST(Listing, VisibleDevicesAreThoseOfTheWholeMachine) {
  Json patch = {{"gpus", {"a100-pcie-80gb", "a100-pcie-80gb"}}};
  patch["observed"]["uuids"] = {{"0000:3b:00.0", "GPU-aa11"}, {"0000:5e:00.0", "GPU-ab22"}};
  patch["observed"]["pci"]["0000:5e:00.0"] = Json::object();
  patch["observed"]["nodes"]["/dev/nvidia1"] = "opens";
  auto verdict = [&](const char* value) {
    patch["env"]["CUDA_VISIBLE_DEVICES"] = value;
    auto report = judge(observed_world("host", {patch}), Knowledge::builtin());
    EXPECT_EQ(report.judgements.at(0).verdict, report.judgements.back().verdict);
    auto& j = report.judgements.back();
    return name(j.verdict) + (j.fails ? ' ' + std::to_string(j.fails->code) : "");
  };
  EXPECT_EQ(verdict("1"), "fits");
  EXPECT_EQ(verdict("0,1"), "fits");
  EXPECT_EQ(verdict("2"), "unfit 100");
  EXPECT_EQ(verdict("1,1"), "unfit 101");
  EXPECT_EQ(verdict("GPU-ab"), "fits");       // a prefix that one GPU has
  EXPECT_EQ(verdict("GPU-a"), "unfit 100");   // one that two have
  EXPECT_EQ(verdict("GPU-zz"), "unfit 100");  // one that none has
  EXPECT_EQ(verdict("GPU-aa11,GPU-aa"), "unfit 101");
}

/// A GPU that programs do not see says nothing about them; where nobody can tell which it is, it is open.
TEST(Listing, HiddenGpusAreNotJudged) {
  Json patch = {{"gpus", {"a100-pcie-80gb", "gtx-1080-ti"}}};
  patch["observed"]["uuids"] = {{"0000:3b:00.0", "GPU-aa11"}, {"0000:5e:00.0", "GPU-ab22"}};
  patch["observed"]["pci"]["0000:5e:00.0"] = Json::object();
  patch["observed"]["nodes"]["/dev/nvidia1"] = "opens";
  auto verdicts = [&](const char* value, const char* order) {
    patch["env"]["CUDA_VISIBLE_DEVICES"] = value;
    patch["env"]["CUDA_DEVICE_ORDER"] = order;
    auto report = judge(observed_world("host", {patch}), Knowledge::builtin());
    std::string all;
    for (auto& j : report.judgements) {
      all += j.gpu + ' ' + name(j.verdict);
      for (auto& note : j.notes) all += note.text.id == "note.hidden-gpu" ? " hides" : "";
      all += "; ";
    }
    return all + causes_of(report);
  };
  EXPECT_EQ(verdicts("0,1", "PCI_BUS_ID"), "gpu0 fits; gpu1 unfit; extension-lacks-arch ");
  EXPECT_EQ(verdicts("0", "PCI_BUS_ID"), "gpu0 fits hides; ");
  EXPECT_EQ(verdicts("1", "PCI_BUS_ID"), "gpu1 unfit hides; extension-lacks-arch ");
  EXPECT_EQ(verdicts("GPU-aa", "FASTEST_FIRST"), "gpu0 fits hides; ");
  EXPECT_EQ(verdicts("0", "FASTEST_FIRST"), "gpu0 fits; gpu1 unknown; ");
  // An excluded GPU has no number: "0" is counted without it.
  patch["observed"]["excluded"] = {"0000:3b:00.0"};
  EXPECT_EQ(verdicts("0", "PCI_BUS_ID"), "gpu1 unfit hides; gpu-excluded extension-lacks-arch ");
}

/// Of several GPUs those that a container or a job was not given are no part of the machine; one that fails
/// is.
TEST(Listing, GpusOfOthersAndGpusThatFail) {
  auto patch = two_gpus("a100-pcie-80gb", "a100-pcie-80gb");
  auto& o = patch["observed"];
  auto verdicts = [&](const char* base) {
    auto report = judge(observed_world(base, {patch}), Knowledge::builtin());
    std::string all;
    for (auto& j : report.judgements) all += j.gpu + ' ' + name(j.verdict) + "; ";
    return all + causes_of(report);
  };
  EXPECT_EQ(verdicts("container"), "gpu0 fits; gpu1 fits; ");
  o["nodes"]["/dev/nvidia0"] = "EPERM";
  EXPECT_EQ(verdicts("host"), "gpu1 fits; ");
  o["nodes"]["/dev/nvidia0"] = "EACCES";
  EXPECT_EQ(verdicts("host"), "gpu0 unfit; gpu1 fits; device-permission ");
  o["nodes"]["/dev/nvidia0"] = "EPERM";
  patch["env"]["CUDA_VISIBLE_DEVICES"] = "1";  // the one that is left has number 0
  EXPECT_EQ(verdicts("host"), "gpu1 unfit; cuda-visible-devices-bad ");
  patch["env"] = Json::object();
  o["nodes"]["/dev/nvidia0"] = nullptr;
  EXPECT_EQ(verdicts("container"), "gpu1 fits; ");
  o["nodes"]["/dev/nvidia0"] = "EIO";
  EXPECT_EQ(verdicts("host"), "gpu0 unfit; gpu1 fits; device-does-not-open ");
  o["nodes"]["/dev/nvidia0"] = "EBUSY";
  EXPECT_EQ(verdicts("host"), "gpu0 unknown; gpu1 fits; device-does-not-open ");
  o["nodes"]["/dev/nvidia0"] = "opens";
  o["mig"] = {{0, 1, Json::array()}};
  EXPECT_EQ(verdicts("host"), "gpu0 unfit; gpu1 fits; mig-config ");
}

/// Device rules take GPUs away from a job, whatever state its own GPU is in.
TEST(Listing, ForbiddenGpusAreNoPartOfTheMachine) {
  Json patch = {{"gpus", {"a100-pcie-80gb", "a100-pcie-80gb", "a100-pcie-80gb"}}};
  auto& o = patch["observed"];
  for (auto [address, minor] : {std::pair("0000:3b:00.0", 0), {"0000:5e:00.0", 1}, {"0000:86:00.0", 2}}) {
    o["pci"][address] = Json::object();
    o["minors"][address] = minor;
    o["nodes"]["/dev/nvidia" + std::to_string(minor)] = "EPERM";
  }
  auto verdicts = [&](const char* base) {
    auto report = judge(observed_world(base, {patch}), Knowledge::builtin());
    std::string all;
    for (auto& j : report.judgements) all += j.gpu + ' ' + name(j.verdict) + "; ";
    return all + causes_of(report);
  };
  const std::string nobodys = "container-lost-gpu-cgroup ";
  EXPECT_EQ(verdicts("host"), "gpu0 unfit; gpu1 unfit; gpu2 unfit; " + nobodys);
  for (auto [own, verdict] : {std::pair("untried", "fits; "),
                              {"EIO", "unfit; device-does-not-open "},
                              {"EACCES", "unfit; device-permission "}}) {
    o["nodes"]["/dev/nvidia1"] = own;
    EXPECT_EQ(verdicts("host"), std::string("gpu1 ") + verdict) << own;
  }
  // One is left, and its number is 0.
  o["nodes"]["/dev/nvidia1"] = "untried";
  patch["env"]["CUDA_VISIBLE_DEVICES"] = "1";
  EXPECT_EQ(verdicts("host"), "gpu1 unfit; cuda-visible-devices-bad ");
  // A container whose GPU was taken away still has none of its host's.
  patch["env"] = Json::object();
  o["nodes"] = {{"/dev/nvidia0", nullptr}, {"/dev/nvidia1", "EPERM"}};
  EXPECT_EQ(verdicts("container"), "gpu1 unfit; " + nobodys);
}

/// Two GPUs of which CUDA lists one, for whatever reason: numbers count that one, and a UUID that the driver
/// tells names it.
TEST(Listing, GpusThatCudaDoesNotListHaveNoNumber) {
  Json base = {{"gpus", {"gtx-1080-ti", "a100-pcie-80gb"}}};
  base["observed"]["pci"]["0000:5e:00.0"] = Json::object();
  base["observed"]["uuids"] = {{"0000:5e:00.0", "GPU-aa11"}};
  base["observed"]["nodes"]["/dev/nvidia1"] = "opens";
  base["env"]["CUDA_DEVICE_ORDER"] = "PCI_BUS_ID";
  Json dropped = {{"driver", "590.48.01"}}, handed, refused = {{"driver", "580.95.05"}}, lost;
  handed["observed"]["pci"]["0000:3b:00.0"]["driver"] = "vfio-pci";
  refused["observed"]["flavour"] = "open";
  lost["observed"]["pci"]["0000:3b:00.0"]["lost"] = true;
  auto verdicts = [&](const Json& why, const char* value) {
    auto patch = base;
    patch["env"]["CUDA_VISIBLE_DEVICES"] = value;
    std::string all;
    for (auto& j : judge(observed_world("host", {patch, why}), Knowledge::builtin()).judgements)
      all += j.gpu + ' ' + name(j.verdict) + (j.fails ? ' ' + std::to_string(j.fails->code) : "") + "; ";
    return all;
  };
  for (auto& why : {dropped, handed, refused}) {
    SCOPED_TRACE(why.dump());
    EXPECT_EQ(verdicts(why, "0"), "gpu1 fits; ");
    EXPECT_EQ(verdicts(why, "GPU-aa11"), "gpu1 fits; ");
    EXPECT_EQ(verdicts(why, "1"), "gpu0 unfit 100; gpu1 unfit 100; ");
    EXPECT_EQ(verdicts(why, "0,1"), "gpu0 unfit 101; gpu1 fits; ");  // 1 was meant to be one of them
  }
  // Whether CUDA lists a GPU that fell off the bus is not known.
  EXPECT_EQ(verdicts(lost, "1"), "gpu0 unfit 999; gpu1 unknown; ");
  EXPECT_EQ(verdicts(lost, "2"), "gpu0 unfit 999; gpu1 unfit 100; ");
}

/// https://docs.nvidia.com/datacenter/tesla/mig-user-guide/: beside an instance CUDA lists no whole GPU.
TEST(Listing, WholeGpusBesideMigInstances) {
  auto patch = two_gpus("gtx-1080-ti", "a100-pcie-80gb");
  auto& o = patch["observed"];
  o["mig"] = {{1, 1, {0}}};
  auto verdicts = [&] {
    auto report = judge(observed_world("host", {patch}), Knowledge::builtin());
    std::string all;
    for (auto& j : report.judgements) {
      all += j.gpu + ' ' + name(j.verdict);
      for (auto& note : j.notes) all += note.rule == "VIS-1" ? ' ' + note.text.id : "";
      all += "; ";
    }
    return all + causes_of(report);
  };
  EXPECT_EQ(verdicts(), "gpu1 fits note.whole-gpu; ");
  patch["env"]["CUDA_VISIBLE_DEVICES"] = "MIG-11111111-2222-3333-4444-555555555555";
  EXPECT_EQ(verdicts(), "gpu1 fits note.mig-instance note.whole-gpu; ");
  patch["env"] = Json::object();
  o["mig"] = {{1, 1, Json::array()}};
  EXPECT_EQ(verdicts(), "gpu0 unfit; gpu1 unfit; mig-config extension-lacks-arch ");
}

/// A container that sees all GPUs of its host and was given a whole one: another's instances are not its own.
TEST(Listing, MigInstancesOfOthers) {
  Json patch = {{"gpus", {"a100-pcie-80gb", "a100-pcie-80gb"}}};
  auto& o = patch["observed"];
  o["pci"]["0000:5e:00.0"] = Json::object();
  o["minors"] = {{"0000:3b:00.0", 0}, {"0000:5e:00.0", 1}};
  o["mig"] = {{1, 1, Json::array()}};
  EXPECT_EQ(causes_of(judge(observed_world("container", {patch}), Knowledge::builtin())), "");
  o["nodes"] = {{"/dev/nvidia0", nullptr}, {"/dev/nvidia1", "opens"}};
  EXPECT_EQ(causes_of(judge(observed_world("container", {patch}), Knowledge::builtin())), "mig-config ");
}

/// /proc/driver is masked: one node of three GPUs is there, and whose it is nobody tells.
TEST(Listing, OneGpuOfSeveralAndNobodyTellsWhich) {
  Json patch = {{"gpus", {"a100-pcie-80gb", "gtx-1080-ti"}}};
  patch["observed"]["pci"]["0000:5e:00.0"] = Json::object();
  auto verdicts = [&] {
    std::string all;
    for (auto& j : judge(observed_world("container", {patch}), Knowledge::builtin()).judgements)
      all += j.gpu + ' ' + name(j.verdict) + "; ";
    return all;
  };
  EXPECT_EQ(verdicts(), "gpu0 fits; gpu1 unknown; ");
  patch["env"] = {{"CUDA_DEVICE_ORDER", "PCI_BUS_ID"}, {"CUDA_VISIBLE_DEVICES", "1"}};
  EXPECT_EQ(verdicts(), "gpu0 unfit; gpu1 unfit; ");
  patch["env"]["CUDA_VISIBLE_DEVICES"] = "0";
  EXPECT_EQ(verdicts(), "gpu0 fits; gpu1 unknown; ");
}

/// What a job may not open is not its own: no fault as long as it has one GPU.
TEST(Listing, NodesThatOtherJobsHave) {
  Json patch = {{"observed", {{"nodes", {{"/dev/nvidia1", "EPERM"}, {"/dev/nvidia2", "EACCES"}}}}}};
  EXPECT_EQ(causes_of(judge(observed_world("host", {patch}), Knowledge::builtin())), "");
}

}  // namespace
}  // namespace cufit::testing
