// A fleet gets the answers that each machine gets by itself.
#include <gtest/gtest.h>

#include <random>
#include <regex>

#include "judge/build_subject.h"
#include "judge/driver_range.h"
#include "judge/fleet.h"
#include "judge/world.h"
#include "knowledge/catalogue.h"
#include "model/json.h"

namespace cufit::testing {
namespace {

const char* const gpus[] = {"a800", "h100",    "rtx4090", "v100",   "t4",
                            "b200", "rtx5090", "8.7",     "sm_120", "k80"};
const char* const drivers[] = {"none", "470.129.06", "470.256.02", "525.60.13", "535.183.01", "580.95.05"};

/// A judgement in words, without the ids of the subject and the GPU.
std::string anonymous(Judgement j) {
  j.subject.clear(), j.gpu.clear();
  // What pip would not install together is said of the targets of one machine, not of a matrix to compare.
  std::erase_if(j.notes, [](const Note& n) {
    return n.text.id == "note.not-together" || n.text.id == "note.needs-clash";
  });
  static const std::regex ids(R"re(subjects\.s\d+|gpus\.gpu\d+)re");
  return std::regex_replace(write_json(j).dump(), ids, "*");
}

FleetGroup group(const std::string& gpu_name, const std::string& driver, uint64_t count = 1) {
  return {{gpu_name + ' ' + driver, count, machine(gpu_name, driver)}, {}};
}

class RandomFleet {
 public:
  explicit RandomFleet(unsigned seed) : random_(seed) {}

  std::vector<FleetGroup> groups() {
    std::vector<FleetGroup> all;
    for (size_t n = 2 + pick(6); all.size() < n;) {
      auto g = group(gpus[pick(std::size(gpus))], drivers[pick(std::size(drivers))], 1 + pick(50));
      auto& m = g.group.machine;
      if (pick(4) == 0) m.gpus.push_back(gpu(gpus[pick(std::size(gpus))]));
      if (pick(6) == 0) m.env["CUDA_FORCE_PTX_JIT"] = "1";
      if (pick(6) == 0) m.arch = {"aarch64", {Source::Kind::arg, "fleet"}};
      if (pick(6) == 0) m.glibc = {version("2.17"), {Source::Kind::arg, "fleet"}};
      if (pick(6) == 0) m.python = {"cp312", {Source::Kind::arg, "fleet"}};
      if (pick(6) == 0 && m.driver.version) g.driver_up_to = version("535.183.01");
      if (pick(3) == 0 && !all.empty()) g = all[pick(all.size())];  // the same machine once more
      all.push_back(std::move(g));
    }
    return all;
  }

  std::vector<Subject> subjects() {
    auto& rows = Knowledge::builtin().tables().builds;
    std::vector<Subject> all;
    for (size_t n = 2 + pick(6); all.size() < n;) {
      Subject s;
      if (pick(2) == 0) {
        auto* row = &rows[pick(rows.size())];
        auto release = PackageVersion::parse(pick(2) ? row->version_from : row->version_to);
        s = subject_of_build(Knowledge::builtin(), {&row, 1}, release.value_or(newest_release(*row)));
      } else {
        static const char* const modules[] = {"3x s80 s86 p86@8.1", "2x s70", "s90a", "p120@8.7", "s100f"};
        Json file = {{"modules", {modules[pick(std::size(modules))]}},
                     {"toolkits", {pick(2) ? "12.4" : "11.8"}}};
        s = subject(pick(2) ? "wheel" : "file", Json::array({file}));
        if (pick(4) == 0) s.environment = "/venv";
      }
      if (pick(3) == 0 && !all.empty()) s = all[pick(all.size())];
      s.id = "s" + std::to_string(all.size());
      all.push_back(std::move(s));
    }
    return all;
  }

 private:
  size_t pick(size_t n) { return random_() % n; }
  std::mt19937 random_;
};

TEST(Fleet, FoldedAnswersAreThoseOfEachMachineByItself) {
  auto& k = Knowledge::builtin();
  for (unsigned seed = 0; seed < 12; seed++) {
    RandomFleet random(seed);
    auto groups = random.groups();
    auto subjects = random.subjects();
    auto report = judge_fleet(groups, subjects, k);
    std::vector<Report> alone;
    for (auto& g : groups) {
      World world{g.group.machine, subjects};
      alone.push_back(g.driver_up_to ? judge_between(world, *g.driver_up_to, k) : judge(world, k));
    }
    size_t at = 0;
    for (uint32_t s = 0; s < subjects.size(); s++) {
      uint32_t gpu_index = 0;
      for (uint32_t g = 0; g < groups.size(); g++) {
        auto n = uint32_t(groups[g].group.machine.gpus.size());
        for (uint32_t i = 0; i < n; i++, gpu_index++, at++) {
          ASSERT_LT(at, report.cells.size());
          auto& cell = report.cells[at];
          EXPECT_EQ(cell, (Cell{s, g, gpu_index, cell.judgement}));
          EXPECT_EQ(anonymous(report.judgements.at(cell.judgement)),
                    anonymous(alone[g].judgements[s * n + i]))
              << "seed " << seed << ", " << subjects[s].name << " on " << groups[g].group.name;
        }
        EXPECT_EQ(report.groups[g].machine.assumed, alone[g].machine.assumed);
      }
    }
    EXPECT_EQ(at, report.cells.size());
  }
}

TEST(Fleet, EqualQuestionsAreAskedOnce) {
  auto& k = Knowledge::builtin();
  auto one = subject("file", Json::parse(R"([{"modules": ["s80"], "toolkits": ["12.4"]}])"));
  auto two = one, other = one;
  two.id = "s1", two.path = "another/path";
  other.id = "s2", other.members[0].bin.shapes[0].count = 2;
  auto report = judge_fleet(
      {group("a800", "470.129.06", 7), group("h100", "580.95.05"), group("a800", "470.129.06", 2)},
      {one, two, other}, k);
  EXPECT_EQ(report.cells.size(), 9u);
  EXPECT_EQ(report.judgements.size(), 4u);  // two contents on two machines
  EXPECT_EQ(report.cells[0].judgement, report.cells[5].judgement);
  EXPECT_EQ(report.judgements[0].subject, "s0");
  EXPECT_EQ(report.judgements[0].gpu, "gpu0");
  ASSERT_EQ(report.machine.gpus.size(), 3u);
  EXPECT_EQ(report.machine.gpus[2].id, "gpu2");
  EXPECT_FALSE(report.machine.driver.version);
}

// Boards of one kind are folded: what judging reads of a board must all be in kind_of.
TEST(Fleet, EveryBoardGetsTheAnswerThatItGetsByItself) {
  auto& k = Knowledge::builtin();
  auto files = Json::parse(R"([{"modules": ["s80 s86", "p75@8.1"], "toolkits": ["12.4"]}])");
  std::vector<Subject> subjects = {subject("file", files)};
  std::vector<FleetGroup> groups;
  auto& boards = k.tables().gpus;
  for (size_t i = 0; i < boards.size(); i += 3)
    for (auto* driver : {"525.60.13", "580.65.06"}) {
      auto& board = boards[i];
      groups.push_back(group(std::string(board.id), driver));
      auto& m = groups.back().group.machine;
      m.driver.compat = {"cuda-compat-12-4", {Source::Kind::arg, "--compat"}};
      m.env["NVIDIA_REQUIRE_CUDA"] = "cuda>=12.4 brand=tesla,driver>=470";
      groups.push_back(group(std::string(board.id), driver));
    }
  auto report = judge_fleet(groups, subjects, k);
  EXPECT_LT(report.judgements.size(), groups.size() * 3 / 4);
  ASSERT_EQ(report.cells.size(), groups.size());
  for (size_t i = 0; i < groups.size(); i++) {
    auto alone = judge({groups[i].group.machine, subjects}, k);
    EXPECT_EQ(anonymous(report.judgements.at(report.cells[i].judgement)), anonymous(alone.judgements[0]))
        << groups[i].group.name;
  }
}

TEST(Fleet, ARedCellHasAFindingWithARemedy) {
  auto report = judge_fleet({group("rtx3090", "525.60.13"), group("rtx3090", "535.183.01")},
                            {subject("file", Json::parse(R"([{"modules": ["s80"], "toolkits": ["13.0"],
                                                              "needed": ["libcudart.so.13"]}])"))},
                            Knowledge::builtin());
  ASSERT_EQ(report.judgements.size(), 2u);
  EXPECT_EQ(report.judgements[0].verdict, Verdict::unfit);
  // The same cause and the same cure on both: one finding.
  ASSERT_EQ(report.findings.size(), 1u);
  EXPECT_EQ(report.findings[0].on.size(), 2u);
  ASSERT_FALSE(report.findings[0].remedies.empty());
  EXPECT_EQ(report.findings[0].remedies[0].minimum, version("580.65.06"));
}

TEST(Fleet, SameQuestionIsAboutContent) {
  auto a = subject("wheel", Json::parse(R"([{"modules": ["s80"]}])"));
  auto b = a;
  b.id = "s9", b.path = "elsewhere";
  EXPECT_TRUE(same_question(a, b));
  auto differs = [&](auto change) {
    auto c = a;
    change(c);
    return !same_question(a, c);
  };
  EXPECT_TRUE(differs([](Subject& s) { s.members[0].role = Role::optional; }));
  EXPECT_TRUE(differs([](Subject& s) { s.needs.python = "cp311"; }));
  EXPECT_TRUE(differs([](Subject& s) { s.version = "1.0"; }));
  EXPECT_TRUE(differs([](Subject& s) { s.name = "torch"; }));
  EXPECT_TRUE(differs([](Subject& s) { s.environment = "/venv"; }));
  EXPECT_TRUE(differs([](Subject& s) { s.unread.push_back({"x", {}, {"gap"}}); }));
}

TEST(Fleet, GroupsWithoutGpusHaveNoCells) {
  auto report =
      judge_fleet({{{"", 5, {}}, {}}, group("h100", "580.95.05")},
                  {subject("file", Json::parse(R"([{"modules": ["s90"]}])"))}, Knowledge::builtin());
  ASSERT_EQ(report.cells.size(), 1u);
  EXPECT_EQ(report.cells[0], (Cell{0, 1, 0, 0}));
  EXPECT_EQ(report.groups.size(), 2u);
}

}  // namespace
}  // namespace cufit::testing
