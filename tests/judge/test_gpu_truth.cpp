// gpu_truth.jsonl: what an H100 with driver 580.159.04 did with 306 programs and images, one run a line.
// gpu_programs.jsonl: the same files as `cufit inspect --json` reads them.
#include <fstream>
#include <map>

#include "judge/world.h"
#include "model/json.h"

namespace cufit::testing {
namespace {

std::vector<std::string> lines(const char* file) {
  std::ifstream in(std::string(CUFIT_SOURCE_DIR "/tests/judge/") + file);
  std::vector<std::string> all;
  for (std::string line; std::getline(in, line);) all.push_back(line);
  return all;
}

std::map<std::string, Subject> programs() {
  std::map<std::string, Subject> all;
  for (auto& line : lines("gpu_programs.jsonl")) {
    auto s = read_json<Subject>(cufit::Json::parse(line));
    if (!s) throw std::runtime_error(s.error().to_string());
    s->id = "s0";
    all.emplace(s->path, std::move(*s));
  }
  return all;
}

TEST(GpuTruth, EveryRun) {
  auto subjects = programs();
  size_t rows = 0;
  for (auto& line : lines("gpu_truth.jsonl")) {
    auto row = Json::parse(line);
    SCOPED_TRACE(line);
    rows++;
    World world;
    world.machine = machine(row["gpu"], row["driver"], row["env"].get<std::map<std::string, std::string>>());
    ASSERT_TRUE(subjects.contains(row["path"]));
    world.subjects = {subjects.at(row["path"])};
    auto report = judge(world, Knowledge::builtin());
    auto& j = report.judgements.at(0);
    auto verdicts = row["verdicts"].get<std::vector<std::string>>();
    EXPECT_NE(std::ranges::find(verdicts, name(j.verdict)), verdicts.end())
        << name(j.verdict) << " by " << j.why.rule;
    if (row["outcome"] == "fail") {
      EXPECT_TRUE(codes_of(j).contains(row["code"]))
          << name(j.verdict) << ' ' << (j.fails ? j.fails->code : 0);
    } else {
      EXPECT_FALSE(j.fails) << j.fails->code;
    }
  }
  EXPECT_EQ(rows, 492u);
}

}  // namespace
}  // namespace cufit::testing
