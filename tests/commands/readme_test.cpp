// The run that both READMEs show is what the program prints. The catalogue stands for the wheel of 755 MB, so
// the headline, which names the release of its CUDA, and the line that counts its modules are left out.
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

#include "commands/process.h"

namespace cufit::commands {
namespace {

std::vector<std::string> lines_of(std::istream& in) {
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

/// What stands below the command in the README, without the margin of a code block, up to the first blank
/// line.
std::vector<std::string> shown_run(const std::string& readme) {
  const std::string command = "    $ cufit check torch-2.2.0-cp311-cp311-manylinux1_x86_64.whl";
  std::ifstream in(CUFIT_SOURCE_DIR "/" + readme);
  std::vector<std::string> run;
  bool inside = false;
  for (auto& line : lines_of(in)) {
    if (inside && line.empty()) break;
    if (inside) run.push_back(line.substr(4));
    inside |= line.starts_with(command);
  }
  return run;
}

void expect_printed(const std::string& readme, const std::string& language) {
  auto ran = cufit("check torch==2.2.0+cu121 --gpu a800 --driver 470.129.06 --lang " + language);
  std::istringstream out(ran.out);
  auto all = lines_of(out);
  std::set<std::string> printed(all.begin(), all.end());
  size_t compared = 0;
  auto run = shown_run(readme);
  ASSERT_FALSE(run.empty()) << readme;
  run.erase(run.begin());
  for (auto& line : run) {
    if (line.find("294") != line.npos) continue;
    EXPECT_TRUE(printed.contains(line)) << readme << ": " << line << "\n--- is printed:\n" << ran.out;
    compared++;
  }
  EXPECT_GE(compared, 9u) << readme;
}

TEST(Readme, TheRunIsWhatTheProgramPrints) { expect_printed("README.md", "en"); }

TEST(Readme, TheChineseRunIsWhatTheProgramPrints) { expect_printed("README.zh.md", "zh"); }

}  // namespace
}  // namespace cufit::commands
