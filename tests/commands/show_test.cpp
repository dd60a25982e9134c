// cufit show: which ids stand for what, and that no row of knowledge is without words.
#include <gtest/gtest.h>

#include "commands/cards.h"
#include "commands/process.h"
#include "model/json.h"
#include "render/phrase.h"

namespace cufit::commands {
namespace {

/// Ids of the cards that a command line prints.
std::vector<std::string> ids(const std::vector<std::string>& asked) {
  std::vector<std::string> args = {"show", "--json"};
  args.insert(args.end(), asked.begin(), asked.end());
  auto ran = Process{}(args);
  if (ran.exit != 0) return {ran.err};
  std::vector<std::string> all;
  auto printed = Json::parse(ran.out);
  for (auto& card : printed["cards"]) all.push_back(card["id"]);
  return all;
}

using Ids = std::vector<std::string>;

TEST(Show, KnowsAnIdInAllItsSpellings) {
  EXPECT_EQ(ids({"209"}), Ids{"error/209"});
  EXPECT_EQ(ids({"cudaErrorNoKernelImageForDevice"}), Ids{"error/209"});
  EXPECT_EQ(ids({"CUDA_ERROR_NO_BINARY_FOR_GPU"}), Ids{"error/209"});
  EXPECT_EQ(ids({"sass-1"}), Ids{"rule/SASS-1"});
  EXPECT_EQ(ids({"AD102"}), Ids{"chip/AD102"});
  EXPECT_EQ(ids({"ad102"}), Ids{"chip/AD102"});
  EXPECT_EQ(ids({"NVIDIA A100-SXM4-80GB"}), Ids{"gpu/a100-sxm4-80gb"});
  EXPECT_EQ(ids({"sm_120"}), Ids{"sm/120"});
  EXPECT_EQ(ids({"sm120"}), Ids{"sm/120"});
  EXPECT_EQ(ids({"sm_90a"}), Ids{"sm/90a"});
  EXPECT_EQ(ids({"R470"}), Ids{"driver/R470"});
  EXPECT_EQ(ids({"470"}), Ids{"driver/R470"});
  EXPECT_EQ(ids({"470.129.06"}), (Ids{"driver/470.129.06", "driver/R470"}));
  EXPECT_EQ(ids({"12.4"}), Ids{"toolkit/12.4"});
  EXPECT_EQ(ids({"cuda-12.4"}), Ids{"toolkit/12.4"});
  EXPECT_EQ(ids({"cuda", "12.4"}), Ids{"toolkit/12.4"});
  EXPECT_EQ(ids({"CUDA 12.4"}), Ids{"toolkit/12.4"});
  EXPECT_EQ(ids({"ptx", "8.4"}), Ids{"ptx/8.4"});
  EXPECT_EQ(ids({"ptx8.4"}), Ids{"ptx/8.4"});
  EXPECT_EQ(ids({"torch-2.9.1+cu130"}), Ids{"build/torch-2.9.1+cu130"});
  EXPECT_EQ(ids({"torch==2.9.1+cu130"}), Ids{"build/torch-2.9.1+cu130"});
  EXPECT_EQ(ids({"build", "torch==2.9.1+cu130"}), Ids{"build/torch-2.9.1+cu130"});
  EXPECT_EQ(ids({"torch==2.9.1"}), Ids{"build/torch-2.9.1+cu128"});  // what the default index serves
  EXPECT_EQ(ids({"triton-2.2.0"}), Ids{"triton/2.2.0"});
  EXPECT_EQ(ids({"triton==2.2.0"}), Ids{"triton/2.2.0"});
  EXPECT_EQ(ids({"triton", "2.2.0"}), Ids{"triton/2.2.0"});
  EXPECT_EQ(ids({"cuda-compat-12-4"}), Ids{"forward_compat/cuda-compat-12-4"});
  EXPECT_EQ(ids({"cuda-compat-12.4"}), Ids{"forward_compat/cuda-compat-12-4"});
  EXPECT_EQ(ids({"cuda-compat", "12.4"}), Ids{"forward_compat/cuda-compat-12-4"});
  EXPECT_EQ(ids({"nvidia-uvm-missing"}), Ids{"cause/nvidia-uvm-missing"});
  EXPECT_EQ(ids({"driver-older-than-gpu"}), Ids{"cause/driver-older-than-gpu"});
  EXPECT_EQ(ids({"cause", "ptx-jit-missing"}), Ids{"cause/ptx-jit-missing"});
}

TEST(Show, EveryRuleExplainsItselfInBothLanguages) {
  for (auto lang : {render::Lang::en, render::Lang::zh})
    for (auto* rule : all_rules()) {
      auto ran = cufit(std::string("show ") + std::string(rule->id) + " --json --lang " +
                       (lang == render::Lang::en ? "en" : "zh"));
      auto card = Json::parse(ran.out)["cards"].at(0);
      ASSERT_EQ(card["id"], "rule/" + std::string(rule->id));
      std::vector<std::string> printed;
      for (auto& field : card["fields"]) printed.push_back(field["values"].at(0)["text"]);
      EXPECT_EQ(printed,
                (std::vector{render::phrase(rule->what(), lang), render::phrase(rule->why(), lang),
                             render::phrase(rule->fix(), lang), render::phrase(rule->example(), lang)}));
      EXPECT_FALSE(card["sources"].empty()) << rule->id;
    }
}

TEST(Show, WhatIsNearIsSuggestedWhereNothingMatches) {
  auto hints = [](const std::string& id) { return cufit("show " + id).err; };
  EXPECT_NE(hints("SASS-11").find("SASS-1"), std::string::npos);
  EXPECT_NE(hints("torch-2.9.1+cu13").find("torch-2.9.1+cu130"), std::string::npos);
  EXPECT_NE(hints("triton-2.2.9").find("triton-2.2.0"), std::string::npos);
  EXPECT_NE(hints("cuda-compat-12-7").find("cuda-compat-12-"), std::string::npos);
  EXPECT_NE(hints("torch==99").find("torch-2."), std::string::npos);  // the newest that there are
}

TEST(Show, WhatIsKnownIsShownBesideWhatIsNot) {
  auto ran = cufit("show 209 nope");
  EXPECT_EQ(ran.exit, 2);
  EXPECT_NE(ran.out.find("cudaErrorNoKernelImageForDevice"), std::string::npos);
  EXPECT_NE(ran.err.find("nope"), std::string::npos);
}

TEST(Show, AnIdOfTwoThingsShowsBoth) {
  EXPECT_EQ(ids({"12.1"}), (Ids{"sm/121", "toolkit/12.1"}));
  EXPECT_EQ(ids({"toolkit/12.1"}), Ids{"toolkit/12.1"});
  EXPECT_EQ(ids({"sm", "12.1"}), Ids{"sm/121"});
}

TEST(Show, AnErrorOfOldProgramsIsFoundByItsOldNumber) { EXPECT_EQ(ids({"48"}), Ids{"error/209"}); }

TEST(Show, SeveralIdsEachOnce) { EXPECT_EQ(ids({"209", "R470", "209"}), (Ids{"error/209", "driver/R470"})); }

TEST(Show, EveryCardIsFoundByItsOwnId) {
  auto& k = Knowledge::builtin();
  auto one = [](const std::string& id) { EXPECT_EQ(ids({id}), Ids{id}); };
  for (auto& row : k.tables().toolkits) one("toolkit/" + std::string(row.id));
  for (auto& row : k.tables().drivers) one("driver/" + std::string(row.id));
  for (auto& row : k.tables().chips) one("chip/" + std::string(row.id));
  for (auto& row : k.tables().builds) one("build/" + std::string(row.id));
  for (auto& row : k.tables().tritons) one("triton/" + std::string(row.id));
  for (auto& row : k.tables().forward_compat) one("forward_compat/" + std::string(row.id));
  for (auto& row : k.tables().causes) one("cause/" + std::string(row.id));
}

/// Every text of a card has words in data/texts.
void expect_words(const render::Card& card) {
  EXPECT_FALSE(card.fields.empty()) << card.id;
  EXPECT_FALSE(card.sources.empty()) << card.id;
  for (auto& field : card.fields) {
    EXPECT_TRUE(render::has_words(field.label.id)) << card.id << ' ' << field.label.id;
    for (auto& value : field.values) EXPECT_TRUE(render::has_words(value.id)) << card.id << ' ' << value.id;
  }
}

TEST(Show, EveryRowHasWordsAndSources) {
  auto& k = Knowledge::builtin();
  for (auto* rule : all_rules()) expect_words(rule_card(*rule));
  for (auto& row : k.tables().gpus) expect_words(gpu_card(row, k));
  for (auto& row : k.tables().toolkits) expect_words(toolkit_card(row));
  for (auto& row : k.tables().drivers) expect_words(driver_card(row));
  for (auto& row : k.tables().errors) expect_words(error_card(row));
  for (auto& row : k.tables().builds) expect_words(build_card(row));
  for (auto& row : k.tables().tritons) expect_words(triton_card(row));
  for (auto& row : k.tables().forward_compat) expect_words(compat_card(row));
  for (auto& row : k.tables().causes) expect_words(cause_card(row));
  for (auto& row : k.tables().toolkits) expect_words(ptx_isa_card(row.ptx_isa, k));
  for (auto& row : k.tables().chips) {
    expect_words(chip_card(row));
    expect_words(capability_card(row.cc, k));
  }
}

TEST(Show, SassThatRunsFollowsTheRules) {
  auto runs = [](Sm sm) {
    auto card = capability_card(sm, Knowledge::builtin());
    for (auto& field : card.fields)
      if (field.label.id == "field.runs_sass") return ", " + field.values[0].args[0].second + ',';
    return std::string();
  };
  auto on_120 = runs({12, 0}), on_121 = runs({12, 1}), on_89 = runs({8, 9}), on_87 = runs({8, 7});
  EXPECT_NE(on_121.find(", 120,"), std::string::npos);  // SASS-1: equal or lower minor
  EXPECT_EQ(on_120.find(", 121,"), std::string::npos);
  EXPECT_NE(on_121.find(", 120f,"), std::string::npos);  // SASS-5: family
  EXPECT_EQ(on_121.find(", 120a,"), std::string::npos);  // SASS-4: exactly this one
  EXPECT_NE(on_89.find(", 86,"), std::string::npos);
  EXPECT_EQ(on_89.find(", 87,"), std::string::npos);  // SASS-2: Tegra and others do not mix
  EXPECT_EQ(on_87.find(", 86,"), std::string::npos);
}

TEST(Show, ListsWhatThereIs) {
  for (auto [list, item] : {std::pair("gpus", "rtx-4090"),
                            {"chips", "AD102"},
                            {"drivers", "R470"},
                            {"toolkits", "12.4"},
                            {"errors", "209"},
                            {"rules", "SASS-1"},
                            {"causes", "nvidia-uvm-missing"},
                            {"packages", "vllm"},
                            {"builds", "torch-2.2.0+cu121"}}) {
    auto ran = cufit(std::string("show ") + list);
    EXPECT_EQ(ran.exit, 0) << list;
    EXPECT_NE(ran.out.find(item), std::string::npos) << list;
  }
}

}  // namespace
}  // namespace cufit::commands
