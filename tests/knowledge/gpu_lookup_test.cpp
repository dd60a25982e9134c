#include "knowledge/gpu_lookup.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "knowledge/near_miss.h"

namespace cufit {
namespace {

const Knowledge& k = Knowledge::builtin();

GpuCandidate first(std::string_view query) {
  auto found = find_gpu(k, query);
  return found.candidates.empty() ? GpuCandidate() : found.candidates[0];
}

struct Spelling {
  const char *query, *name, *cc;
};

class FindGpu : public testing::TestWithParam<Spelling> {};

TEST_P(FindGpu, Spelling) {
  auto found = find_gpu(k, GetParam().query);
  ASSERT_EQ(found.candidates.size(), 1u);
  EXPECT_EQ(found.candidates[0].name, GetParam().name);
  EXPECT_EQ(found.candidates[0].sm.dotted(), GetParam().cc);
  EXPECT_TRUE(found.suggestions.empty());
}

constexpr Spelling spellings[] = {
    // as nvidia-smi prints them
    {"NVIDIA A800-SXM4-80GB", "A800-SXM4-80GB", "8.0"},
    {"nvidia a800-sxm4-80gb", "A800-SXM4-80GB", "8.0"},
    {"A800-SXM4-80GB", "A800-SXM4-80GB", "8.0"},
    {"NVIDIA GeForce RTX 4090", "GeForce RTX 4090", "8.9"},
    {"NVIDIA H100", "H100", "9.0"},
    {"NVIDIA H100 80GB HBM3", "H100 80GB HBM3", "9.0"},
    {"Tesla T4", "Tesla T4", "7.5"},
    {"NVIDIA TITAN X (Pascal)", "TITAN X (Pascal)", "6.1"},
    {"Quadro RTX 6000", "Quadro RTX 6000", "7.5"},
    {"NVIDIA RTX 6000 Ada Generation", "RTX 6000 Ada Generation", "8.9"},
    {"NVIDIA Quadro RTX 8000", "Quadro RTX 8000", "7.5"},
    // server boards, several of them one answer
    {"a800", "A800", "8.0"},
    {"A800", "A800", "8.0"},
    {" a800\n", "A800", "8.0"},
    {"h800", "H800", "9.0"},
    {"a100", "A100", "8.0"},
    {"h100", "H100", "9.0"},
    {"h200", "H200", "9.0"},
    {"h20", "H20", "9.0"},
    {"v100", "Tesla V100", "7.0"},
    {"p100", "Tesla P100", "6.0"},
    {"k80", "Tesla K80", "3.7"},
    {"m40", "Tesla M40", "5.2"},
    {"t4", "Tesla T4", "7.5"},
    {"t400", "T400", "7.5"},
    {"l4", "L4", "8.9"},
    {"l40", "L40", "8.9"},
    {"l40s", "L40S", "8.9"},
    {"a10", "A10", "8.6"},
    {"a10g", "A10G", "8.6"},
    {"b200", "B200", "10.0"},
    {"gb200", "GB200", "10.0"},
    {"b300", "B300", "10.3"},
    {"gh200", "GH200", "9.0"},
    {"a100 80gb", "A100 80GB PCIe", "8.0"},
    {"a100 pcie 80gb", "A100 80GB PCIe", "8.0"},
    {"h100 sxm", "H100 SXM", "9.0"},
    {"h100 pcie", "H100 PCIe", "9.0"},
    // desktops
    {"rtx4090", "GeForce RTX 4090", "8.9"},
    {"4090", "GeForce RTX 4090", "8.9"},
    {"rtx 4090", "GeForce RTX 4090", "8.9"},
    {"RTX-4090", "GeForce RTX 4090", "8.9"},
    {"geforce rtx 4090", "GeForce RTX 4090", "8.9"},
    {"geforce 4090", "GeForce RTX 4090", "8.9"},
    {"4090 d", "GeForce RTX 4090 D", "8.9"},
    {"rtx4090 laptop", "GeForce RTX 4090 Laptop GPU", "8.9"},
    {"rtx 4090 mobile", "GeForce RTX 4090 Laptop GPU", "8.9"},
    {"gtx1080ti", "GeForce GTX 1080 Ti", "6.1"},
    {"1080 ti", "GeForce GTX 1080 Ti", "6.1"},
    {"3090ti", "GeForce RTX 3090 Ti", "8.6"},
    {"rtx3090", "GeForce RTX 3090", "8.6"},
    {"rtx5090", "GeForce RTX 5090", "12.0"},
    {"5090", "GeForce RTX 5090", "12.0"},
    {"4070tisuper", "GeForce RTX 4070 Ti SUPER", "8.9"},
    {"rtx 2060", "GeForce RTX 2060", "7.5"},
    {"gtx 1650", "GeForce GTX 1650", "7.5"},
    {"rtx 3050", "GeForce RTX 3050", "8.6"},
    {"titan v", "TITAN V", "7.0"},
    {"titan rtx", "TITAN RTX", "7.5"},
    // workstations
    {"rtx pro 6000", "RTX PRO 6000 Blackwell", "12.0"},
    {"rtxpro6000", "RTX PRO 6000 Blackwell", "12.0"},
    {"rtx a6000", "RTX A6000", "8.6"},
    {"a6000", "RTX A6000", "8.6"},
    {"rtx 6000 ada", "RTX 6000 Ada Generation", "8.9"},
    {"quadro p2000", "Quadro P2000", "6.1"},
    // modules
    {"gb10", "GB10", "12.1"},
    {"dgx spark", "DGX Spark", "12.1"},
    {"orin", "Orin", "8.7"},
    {"agx orin", "AGX Orin", "8.7"},
    {"Jetson Orin Nano", "Jetson Orin Nano", "8.7"},
    {"thor", "Thor", "11.0"},
    {"xavier", "Xavier", "7.2"},
    {"jetson nano", "Jetson Nano", "5.3"},
    // slices and virtual GPUs, as nvidia-smi prints them
    {"NVIDIA H100 80GB HBM3 MIG 1g.10gb", "H100 80GB HBM3", "9.0"},
    {"NVIDIA A100-SXM4-40GB MIG 1c.3g.20gb", "A100-SXM4-40GB", "8.0"},
    {"NVIDIA-A100-SXM4-80GB-MIG-1g.10gb", "A100-SXM4-80GB", "8.0"},
    {"NVIDIA H100 PCIe MIG 1g.10gb+me", "H100 PCIe", "9.0"},
    {"GRID A100-4C", "A100", "8.0"},
    {"GRID A100D-80C", "A100", "8.0"},
    {"GRID A100-1-5C", "A100", "8.0"},
    {"GRID A100-1-5CME", "A100", "8.0"},
    {"NVIDIA H100XM-80C", "H100", "9.0"},
    {"GRID T4-16Q", "Tesla T4", "7.5"},
    {"GRID V100DX-32Q", "Tesla V100", "7.0"},
    {"NVIDIA A40-48Q", "A40", "8.6"},
    {"nvidia l40s-48q", "L40S", "8.9"},
    {"GRID P40-1B4", "Tesla P40", "6.1"},
    {"NVIDIA RTX 6000 Ada-48Q", "RTX 6000 Ada Generation", "8.9"},
    {"GRID K520", "GRID K520", "3.0"},
    // PCI ids
    {"2204", "GeForce RTX 3090", "8.6"},
    {"10de:2204", "GeForce RTX 3090", "8.6"},
    {"10DE:2204", "GeForce RTX 3090", "8.6"},
    {"0x2204", "GeForce RTX 3090", "8.6"},
    {"0x220410DE", "GeForce RTX 3090", "8.6"},
    {"2080", "GeForce RTX 2080", "7.5"},  // a name, although GA100 has this PCI id
    {"10de:2080", "GA100", "8.0"},
    {"0x2080", "GA100", "8.0"},
    {"1185", "GeForce GTX 660 or GeForce GTX 760", "3.0"},
    {"10de:1185:10de:106f", "GeForce GTX 760", "3.0"},
    {"1185:10DE:106F", "GeForce GTX 760", "3.0"},
    // chips and compute capabilities
    {"AD102", "AD102", "8.9"},
    {"ga100", "GA100", "8.0"},
    {"sm_89", "sm_89", "8.9"},
    {"SM_89", "sm_89", "8.9"},
    {"sm89", "sm_89", "8.9"},
    {"compute_89", "sm_89", "8.9"},
    {"8.9", "sm_89", "8.9"},
    {"12.1", "sm_121", "12.1"},
    {"sm_90a", "sm_90", "9.0"},  // a GPU has no suffix
    {"13.0", "sm_130", "13.0"},
    {"sm_150", "sm_150", "15.0"},
};
INSTANTIATE_TEST_SUITE_P(Table, FindGpu, testing::ValuesIn(spellings));

TEST(FindGpu, EveryNameFindsItsBoard) {
  for (auto& board : k.tables().gpus) {
    auto check = [&](std::string_view text) {
      auto found = find_gpu(k, text);
      bool among = std::ranges::any_of(found.candidates, [&](auto& candidate) {
        return candidate.sm == board.cc &&
               std::ranges::find(candidate.boards, &board) != candidate.boards.end();
      });
      EXPECT_TRUE(among) << text;
    };
    for (auto name : board.names) check(name);
    for (auto alias : board.aliases) check(alias);
    for (auto id : board.pci_ids) check("10de:" + std::string(id));
    for (auto id : board.pci_subsystems) check(id);
  }
}

TEST(FindGpu, EveryIdFindsItsCapability) {
  // Ids may spell a name that several boards have ("gt-630"), never another board.
  for (auto& board : k.tables().gpus) {
    auto found = find_gpu(k, board.id);
    bool among = std::ranges::any_of(found.candidates, [&](auto& c) { return c.sm == board.cc; });
    EXPECT_TRUE(among) << board.id;
  }
}

TEST(FindGpu, NamesOfOneLetterMoreAreOtherBoards) {
  auto t4 = first("t4"), rtx4090 = first("rtx 4090");
  for (auto* board : t4.boards) EXPECT_EQ(board->names[0], "Tesla T4");
  for (auto* board : rtx4090.boards) EXPECT_EQ(board->id, "rtx-4090");
}

TEST(FindGpu, EveryPciIdOfAChipFindsIt) {
  for (auto& chip : k.tables().chips)
    for (auto id : chip.pci_ids) {
      auto found = find_gpu(k, "10de:" + std::string(id));
      ASSERT_EQ(found.candidates.size(), 1u) << id;
      EXPECT_EQ(found.candidates[0].chip, &chip) << id;
      EXPECT_TRUE(found.candidates[0].boards.empty()) << id;
    }
}

TEST(FindGpu, CandidatesThatDifferAreAllNamed) {
  struct Case {
    const char* query;
    std::vector<std::string> names;
  } cases[] = {
      {"gt 630", {"GeForce GT 630 (GK107)", "GeForce GT 630 (GK208)"}},
      {"gt-630", {"GeForce GT 630 (GK107)", "GeForce GT 630 (GK208)"}},
      {"rtx 6000", {"Quadro RTX 6000 (TU102)", "RTX 6000 Ada Generation (AD102)"}},
      {"titan x", {"GeForce GTX TITAN X (GM200)", "TITAN X (Pascal) (GP102)"}},
  };
  for (auto& c : cases) {
    std::vector<std::string> names;
    auto found = find_gpu(k, c.query);
    for (auto& candidate : found.candidates) names.push_back(candidate.name);
    std::ranges::sort(names);
    EXPECT_EQ(names, c.names) << c.query;
  }
}

TEST(FindGpu, OneBoardOrSeveral) {
  EXPECT_EQ(first("NVIDIA H100").boards.size(), 1u);
  EXPECT_GT(first("h100").boards.size(), 3u);  // what most people mean by it
  EXPECT_EQ(first("h100").board(), nullptr);
  EXPECT_EQ(first("rtx4090").board(), k.gpu("rtx-4090"));
  EXPECT_EQ(first("rtx4090").chip, k.chip("AD102"));
  EXPECT_EQ(first("8.9").chip, nullptr);
  EXPECT_EQ(first("12.1").chip, nullptr);
}

TEST(FindGpu, PciIdTellsTheChip) {
  // The RTX 2060 exists with TU106 and TU104; the id says which.
  EXPECT_EQ(first("rtx 2060").chip, nullptr);
  EXPECT_EQ(first("10de:1e89").chip, k.chip("TU104"));
}

TEST(FindGpu, CapabilityTakesTheFloorOfAllItsChips) {
  auto turing = first("7.5");
  EXPECT_EQ(turing.drivers.not_before.text, "410");
  EXPECT_EQ(turing.drivers.known_from.text, "418");
  EXPECT_TRUE(first("8.7").tegra);
  EXPECT_TRUE(first("orin").tegra);
  EXPECT_FALSE(first("12.1").tegra);
  EXPECT_EQ(first("6.1").drivers.last_branch, 580u);
}

TEST(FindGpu, UnknownHardwareIsNotRefused) {
  auto candidate = first("13.0");
  EXPECT_FALSE(candidate.in_table);
  EXPECT_TRUE(candidate.chips.empty());
  EXPECT_EQ(candidate.drivers.fit(Version::parse("400.1").value(), Machine::Platform::linux),
            DriverWindow::Fit::unsure);
}

TEST(FindGpu, NearMisses) {
  std::pair<const char*, const char*> cases[] = {
      {"rtx4900", "rtx4090"},
      {"rtx4091", "rtx4090"},
      {"a8000", "a800"},
      {"89", "sm_89"},
      {"geforce rtx 4090 founders", "rtx4090"},
      {"h1000", "h100"},
      {"jetson orim nano", "jetsonorinnano"},
  };
  for (auto& [query, expected] : cases) {
    auto found = find_gpu(k, query);
    EXPECT_TRUE(found.candidates.empty()) << query;
    ASSERT_FALSE(found.suggestions.empty()) << query;
    EXPECT_EQ(found.suggestions[0], expected) << query;
  }
}

TEST(FindGpu, SuggestionsAreFound) {
  for (auto query :
       {"rtx4900", "rtx4091", "a8000", "89", "h10", "gtx 1081", "titan rtz", "quadro rtx 9000"}) {
    auto found = find_gpu(k, query);
    EXPECT_FALSE(found.suggestions.empty()) << query;
    for (auto& suggestion : found.suggestions)
      EXPECT_FALSE(find_gpu(k, suggestion).candidates.empty()) << query << " -> " << suggestion;
  }
}

TEST(FindGpu, NothingIsFoundForNothing) {
  for (auto query : {"",
                     " ",
                     "x",
                     "nvidia",
                     "NVIDIA",
                     "geforce",
                     "rtx",
                     "ti",
                     "-",
                     "0.5",
                     "10de:",
                     ":::",
                     "1002:73bf",
                     "10de:ffff",
                     "radeon 7900",
                     "sm_",
                     "sm_9",
                     "-4C",
                     "GRID -4C",
                     "MIG 1g.5gb",
                     " MIG 1g.5gb",
                     "radeon-4C",
                     "H100 MIG disabled"}) {
    EXPECT_TRUE(find_gpu(k, query).candidates.empty()) << query;
  }
  EXPECT_TRUE(find_gpu(k, std::string(100000, 'a')).candidates.empty());
}

TEST(NearMiss, EditDistance) {
  EXPECT_EQ(edit_distance("", ""), 0u);
  EXPECT_EQ(edit_distance("a800", "a800"), 0u);
  EXPECT_EQ(edit_distance("a80", "a800"), 1u);
  EXPECT_EQ(edit_distance("4900", "4090"), 1u);
  EXPECT_EQ(edit_distance("abc", ""), 3u);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
}

TEST(FindGpu, AnArchitectureOfOneCapabilityIsAName) {
  for (auto [name, sm] : {std::pair("hopper", "sm_90"), {"Ada", "sm_89"}, {"ada lovelace", "sm_89"}}) {
    auto found = find_gpu(Knowledge::builtin(), name);
    ASSERT_EQ(found.candidates.size(), 1u) << name;
    EXPECT_EQ(found.candidates[0].sm.name(), sm) << name;
  }
}

}  // namespace
}  // namespace cufit
