// What the driver answered beside what the files show: remedies of what only it told, and of which GPUs an
// answer speaks.
#include "judge/observed_world.h"

namespace cufit::testing {
namespace {

Report report_on(const Json& patch) { return judge(observed_world("host", {patch}), Knowledge::builtin()); }

const Remedy* remedy(const Finding& finding, const std::string& id) {
  auto at = std::ranges::find(finding.remedies, id, [](auto& r) { return r.text.id; });
  return at == finding.remedies.end() ? nullptr : &*at;
}

/// The files cannot show that what no file showed is gone: a variable that has nothing to do with it would
/// "help".
TEST(DriverAnswers, WhatOnlyACallShowedNoEditIsSeenToMend) {
  Json patch = {{"env", {{"LD_LIBRARY_PATH", "/opt/unrelated"}}}, {"probed", {{"cuda", {{"init", 803}}}}}};
  auto report = report_on(patch);
  ASSERT_EQ(causes_of(report), "forward-compat-mismatch ");
  auto* unset = remedy(report.findings[0], "cure.unset-ld-path");
  ASSERT_TRUE(unset);
  EXPECT_FALSE(unset->checked || unset->after);
  // Where the files show it as well the model tells what helps.
  patch["env"]["LD_LIBRARY_PATH"] = "/opt/compat";
  patch["observed"]["libraries"]["/opt/compat/libcuda.so.1"] = "driver 535.54.03 LD_LIBRARY_PATH";
  report = report_on(patch);
  ASSERT_EQ(report.findings.at(0).cause, "forward-compat-mismatch") << causes_of(report);
  unset = remedy(report.findings[0], "cure.unset-ld-path");
  auto* drop = remedy(report.findings[0], "cure.drop-this-folder");
  EXPECT_TRUE((unset && unset->checked) || (drop && drop->checked));
}

}  // namespace
}  // namespace cufit::testing
