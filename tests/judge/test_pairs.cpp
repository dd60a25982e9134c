// Two faults together: where each remedy alone is not enough, both are proposed, the second `besides` the
// first.
#include "judge/observed_world.h"

namespace cufit::testing {
namespace {

/// "cure.x unfit, +remedy.build fits" of the finding; "none" without it.
std::string remedies_of(const Report& report, const std::string& cause) {
  auto finding = std::ranges::find(report.findings, cause, &Finding::cause);
  if (finding == report.findings.end()) return "none";
  std::string all;
  for (auto& r : finding->remedies)
    all += (all.empty() ? "" : ", ") + std::string(r.besides ? "+" : "") + r.text.id + ' ' +
           (r.after ? std::string(name_of(*r.after)) : "-");
  return all;
}

Report report_on(const char* gpu, const char* driver, const char* flavour, const char* build) {
  Json patch = {{"gpus", {gpu}}, {"driver", driver}};
  patch["subjects"]["s0"] = {{"build", build}, {"files", nullptr}};
  patch["observed"]["flavour"] = flavour;
  return judge(observed_world("host", {patch}), Knowledge::builtin());
}

TEST(Pairs, TheOtherModuleAndABuildWithCode) {
  auto both = report_on("rtx-5090", "580.95.05", "proprietary", "torch==2.6.0+cu124");
  EXPECT_TRUE(remedies_of(both, "gpu-open-vs-proprietary-module")
                  .starts_with("cure.other-flavour unfit, +remedy.build"))
      << remedies_of(both, "gpu-open-vs-proprietary-module");
  // One fault, one remedy.
  auto module = report_on("rtx-5090", "580.95.05", "proprietary", "torch==2.9.1+cu128");
  EXPECT_EQ(remedies_of(module, "gpu-open-vs-proprietary-module").find('+'), std::string::npos);
  auto build = report_on("rtx-5090", "580.95.05", "open", "torch==2.6.0+cu124");
  EXPECT_EQ(remedies_of(build, "wheel-lacks-arch-too-new-gpu").find('+'), std::string::npos);
}

TEST(Pairs, AnOlderDriverAndABuildWithCode) {
  auto both = report_on("v100-pcie-16gb", "590.48.01", "proprietary", "torch==2.9.1+cu130");
  EXPECT_TRUE(remedies_of(both, "legacy-gpu-dropped-by-driver")
                  .starts_with("remedy.driver-back unfit, +remedy.build"))
      << remedies_of(both, "legacy-gpu-dropped-by-driver");
  // Said there, and not once more without the driver.
  for (auto& f : both.findings) EXPECT_TRUE(f.cause == "legacy-gpu-dropped-by-driver" || f.remedies.empty());
  auto driver = report_on("v100-pcie-16gb", "590.48.01", "proprietary", "torch==2.9.1+cu126");
  EXPECT_EQ(remedies_of(driver, "legacy-gpu-dropped-by-driver"), "remedy.driver-back fits");
}

}  // namespace
}  // namespace cufit::testing
