// What an H100 with driver 580.159.04 did with programs and images, one run a line, and the same files as
// `cufit inspect --json` reads them. *_own.jsonl: those of tests/gpu. gpu_truth_open.txt: runs of which cufit
// is known to be wrong; each must still be, so that the list shrinks with the first rule that is put right.
#include <fstream>
#include <map>
#include <set>

#include "judge/world.h"
#include "model/json.h"

namespace cufit::testing {
namespace {

std::vector<std::string> lines(const std::string& file) {
  std::ifstream in(std::string(CUFIT_SOURCE_DIR "/tests/judge/") + file);
  std::vector<std::string> all;
  for (std::string line; std::getline(in, line);) all.push_back(line);
  return all;
}

std::map<std::string, Subject> programs(const std::string& file) {
  std::map<std::string, Subject> all;
  for (auto& line : lines(file)) {
    auto s = read_json<Subject>(cufit::Json::parse(line));
    if (!s) throw std::runtime_error(s.error().to_string());
    s->id = "s0";
    all.emplace(s->path, std::move(*s));
  }
  return all;
}

std::set<std::string> open_runs() {
  std::set<std::string> all;
  for (auto& line : lines("gpu_truth_open.txt"))
    if (!line.starts_with('#')) all.insert(line);
  return all;
}

/// The verdict is one of those that are right, and where the run failed, its code is named.
bool agrees(const Judgement& j, const Json& row) {
  auto right = row["verdicts"].get<std::vector<std::string>>();
  if (std::ranges::find(right, name(j.verdict)) == right.end()) return false;
  if (j.verdict == Verdict::unknown) return true;
  return row["outcome"] == "fail" ? codes_of(j).contains(row["code"]) : !j.fails;
}

struct Runs {
  const char *truth, *programs;
  size_t judged;  ///< rows that `cufit check` can be asked; others need facts that no argument gives
};

class GpuTruth : public ::testing::TestWithParam<Runs> {};

TEST_P(GpuTruth, EveryRun) {
  auto subjects = programs(GetParam().programs);
  auto open = open_runs();
  size_t rows = 0;
  for (auto& line : lines(GetParam().truth)) {
    auto row = Json::parse(line);
    if (row["axis"] == "machine") continue;
    SCOPED_TRACE(line);
    rows++;
    World world;
    world.machine = machine(row["gpu"], row["driver"], row["env"].get<std::map<std::string, std::string>>());
    ASSERT_TRUE(subjects.contains(row["path"]));
    world.subjects = {subjects.at(row["path"])};
    auto report = judge(world, Knowledge::builtin());
    auto& j = report.judgements.at(0);
    EXPECT_EQ(agrees(j, row), !open.contains(row["id"]))
        << name(j.verdict) << ' ' << (j.fails ? j.fails->code : 0) << " by " << j.why.rule;
  }
  EXPECT_EQ(rows, GetParam().judged);
}

INSTANTIATE_TEST_SUITE_P(, GpuTruth,
                         ::testing::Values(Runs{"gpu_truth.jsonl", "gpu_programs.jsonl", 492},
                                           Runs{"gpu_truth_own.jsonl", "gpu_programs_own.jsonl", 636}),
                         [](auto& runs) { return runs.index == 0 ? "given" : "own"; });

}  // namespace
}  // namespace cufit::testing
