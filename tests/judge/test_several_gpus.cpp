// Machines with two GPUs of which one runs PyTorch: what is said of the other one.
#include "judge/observed_world.h"

namespace cufit::testing {
namespace {

Report on_two(Json patch, const std::vector<std::string>& modules) {
  patch["observed"]["pci"]["0000:5e:00.0"] = Json::object();
  patch["observed"]["nodes"]["/dev/nvidia1"] = "opens";
  patch["subjects"]["s0"] = {
      {"kind", "distribution"},
      {"name", "torch"},
      {"version", "2.9.1+cu128"},
      {"files", {{{"modules", modules}, {"toolkits", {"12.8"}}, {"needed", {"libcudart.so.12"}}}}}};
  return judge(observed_world("host", {patch}), Knowledge::builtin());
}

const Remedy* hiding(const Report& report) {
  for (auto& f : report.findings)
    for (auto& r : f.remedies)
      if (r.text.id == "remedy.other-gpus") return &r;
  return nullptr;
}

// CUDA lists what the module drives: torch.cuda.is_available() is True, and the number of the other GPU is no
// valid one (cudaSetDevice: "cudaErrorInvalidDevice: the device ordinal supplied is not a valid one").
TEST(SeveralGpus, OneThatTheModuleCannotDriveIsMissingInTheList) {
  auto report = on_two({{"gpus", {"v100", "b200"}}, {"driver", "580.95.05"}}, {"s70", "s100"});
  ASSERT_EQ(report.judgements.size(), 2u);
  EXPECT_LE(report.judgements[0].verdict, Verdict::limited);
  auto& other = report.judgements[1];
  EXPECT_EQ(other.verdict, Verdict::unfit);
  ASSERT_TRUE(other.fails);
  EXPECT_EQ(other.fails->code, 101);
  EXPECT_EQ(other.fails->name, "cudaErrorInvalidDevice");
  EXPECT_EQ(other.fails->call, "cudaSetDevice");
  EXPECT_EQ(other.fails->seen_as.id, "seen.not-listed");
  EXPECT_FALSE(hiding(report)) << "nothing to hide: the program does not see it";
}

TEST(SeveralGpus, WhereNoneIsListedTheFirstCallFails) {
  auto report = on_two({{"gpus", {"b200", "b200"}}, {"driver", "580.95.05"}}, {"s100"});
  for (auto& j : report.judgements) {
    ASSERT_TRUE(j.fails);
    EXPECT_EQ(j.fails->code, 100);
  }
}

TEST(SeveralGpus, OneWithoutCodeForItCanBeHidden) {
  auto report = on_two({{"gpus", {"rtx3090", "gtx1080ti"}}, {"driver", "570.133.07"}}, {"s86"});
  ASSERT_TRUE(report.judgements.at(1).fails);
  EXPECT_EQ(report.judgements[1].fails->code, 209);
  auto* remedy = hiding(report);
  ASSERT_TRUE(remedy);
  EXPECT_EQ(remedy->commands, (std::vector<std::string>{"export CUDA_DEVICE_ORDER=PCI_BUS_ID",
                                                        "export CUDA_VISIBLE_DEVICES=0"}));
  EXPECT_EQ(remedy->after, Verdict::fits);
}

TEST(SeveralGpus, NothingIsHiddenWhereNumbersAreNotKnown) {
  Json gpus = {{"gpus", {"rtx3090", "gtx1080ti"}}, {"driver", "570.133.07"}};
  auto excluded = gpus;
  excluded["observed"]["excluded"] = {"0000:5e:00.0"};
  EXPECT_FALSE(hiding(on_two(excluded, {"s86"})));
  auto chosen = gpus;
  chosen["env"]["CUDA_VISIBLE_DEVICES"] = "0,1";
  EXPECT_FALSE(hiding(on_two(chosen, {"s86"})));
  EXPECT_FALSE(hiding(on_two(gpus, {"s61", "s86"}))) << "it runs on both";
}

}  // namespace
}  // namespace cufit::testing
