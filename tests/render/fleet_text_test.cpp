// What a user sees of a fleet.
#include <gtest/gtest.h>

#include <sstream>

#include "render/golden.h"
#include "render/layout.h"
#include "render/matrix.h"
#include "render/render.h"
#include "render/samples.h"

namespace cufit::render {
namespace {

TEST(FleetText, Golden) {
  auto report = samples::fleet_of_groups();
  Options usual{.width = 80}, quiet{.quiet = true};
  expect_golden("groups.en.txt", to_text(report, usual));
  expect_golden("groups_quiet.en.txt", to_text(report, quiet));
  usual.lang = Lang::zh;
  expect_golden("groups.zh.txt", to_text(report, usual));
}

/// Many groups and subjects, each subject unfit on every third group.
Report large() {
  auto r = samples::fleet_of_groups();
  auto group = r.groups[0];
  r.groups.clear(), r.cells.clear(), r.machine.gpus.clear(), r.subjects.clear(), r.unread.clear();
  for (uint32_t g = 0; g < 100; g++) {
    group.name = "g" + std::to_string(g);
    group.machine.gpus[0].id = "gpu" + std::to_string(g);
    r.groups.push_back(group);
    r.machine.gpus.push_back(group.machine.gpus[0]);
  }
  for (uint32_t s = 0; s < 200; s++) {
    auto subject = samples::torch_wheel();
    subject.members.clear();
    subject.id = "s" + std::to_string(s), subject.version = "2." + std::to_string(s);
    r.subjects.push_back(subject);
    for (uint32_t g = 0; g < 100; g++) r.cells.push_back({s, g, g, g % 3 == 0 ? 0u : 1u});
  }
  return r;
}

TEST(FleetText, EightyColumnsSufficeAndLargeFleetsStayReadable) {
  auto text = to_text(large(), {.width = 80});
  std::istringstream lines(text);
  size_t n = 0;
  for (std::string line; std::getline(lines, line); n++) EXPECT_LE(columns(line), 80u) << line;
  EXPECT_LT(n, 250u);
  // 34 of 100 groups of 12 machines.
  EXPECT_NE(text.find("792"), text.npos);
  EXPECT_NE(text.find("408"), text.npos);
}

TEST(Matrix, CountsMachinesNotGroups) {
  auto report = samples::fleet_of_groups();
  Matrix matrix(report);
  EXPECT_EQ(matrix.columns().size(), 4u);
  EXPECT_EQ(matrix.counts(0).of(Verdict::unfit), 13u);
  EXPECT_EQ(matrix.counts(0).of(Verdict::fits), 400u);
  EXPECT_EQ(matrix.counts().total(), 2u * (12 + 400 + 400 + 1));
  ASSERT_NE(matrix.least_change(0), nullptr);
  EXPECT_EQ(matrix.least_change(0)->id, "r1");
  EXPECT_EQ(matrix.least_change(1), nullptr);
}

}  // namespace
}  // namespace cufit::render
