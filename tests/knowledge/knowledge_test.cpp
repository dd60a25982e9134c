// The compiled tables and the look-ups over them. Expected values are quoted from NVIDIA's documents by way
// of the sources that the rows name; rule ids in the comments.
#include "knowledge/knowledge.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace cufit {
namespace {

const Knowledge& k = Knowledge::builtin();
constexpr auto linux = Machine::Platform::linux;

Version v(std::string_view text) { return Version::parse(text).value(); }
Cuda cuda(std::string_view text) { return Cuda::parse(text).value(); }
Sm sm(std::string_view text) { return Sm::parse(text).value(); }
Isa isa(int major, int minor) { return {uint8_t(major), uint8_t(minor)}; }

TEST(Tables, HaveTheirRows) {
  EXPECT_GE(k.tables().gpus.size(), 454u);
  EXPECT_GE(k.tables().toolkits.size(), 31u);
  EXPECT_GE(k.tables().drivers.size(), 35u);
  EXPECT_GE(k.tables().forward_compat.size(), 16u);
  EXPECT_GE(k.tables().errors.size(), 141u);
  EXPECT_GE(k.date(), "2026-11-25");
}

TEST(Tables, RowsAreFoundById) {
  for (auto& row : k.tables().gpus) EXPECT_EQ(k.gpu(row.id), &row);
  for (auto& row : k.tables().chips) EXPECT_EQ(k.chip(row.id), &row);
  for (auto& row : k.tables().toolkits) EXPECT_EQ(k.toolkit(row.cuda), &row);
  for (auto& row : k.tables().ptx_targets) EXPECT_EQ(k.ptx_target(row.target), &row);
  for (auto& row : k.tables().drivers) EXPECT_EQ(k.driver_branch(row.id), &row);
  for (auto& row : k.tables().forward_compat) EXPECT_EQ(k.forward_compat(row.id), &row);
  for (auto& row : k.tables().errors) EXPECT_EQ(k.error(row.code), &row);
  EXPECT_EQ(k.gpu("no-such-board"), nullptr);
  EXPECT_EQ(k.chip("AD199"), nullptr);
  EXPECT_EQ(k.toolkit(cuda("12.10")), nullptr);
  EXPECT_EQ(k.driver_branch("R471"), nullptr);
  EXPECT_EQ(k.driver_branch(""), nullptr);
  EXPECT_EQ(k.error(4711), nullptr);
}

TEST(Tables, BranchIdsAreReadGenerously) {
  EXPECT_EQ(k.driver_branch("r470"), k.driver_branch("R470"));
  EXPECT_EQ(k.driver_branch("470"), k.driver_branch("R470"));
  EXPECT_EQ(k.chip("ad102"), k.chip("AD102"));
}

TEST(Tables, EveryRowHasSources) {
  auto check = [](auto rows) {
    for (auto& row : rows) EXPECT_FALSE(row.provenance.sources.empty()) << row.table << ' ' << row.id;
  };
  std::apply([&](auto... member) { (check(k.tables().*member), ...); }, Tables::members());
}

TEST(Tables, RowKeepsItsFields) {
  auto* a800 = k.gpu("a800-sxm4-80gb");
  ASSERT_NE(a800, nullptr);
  EXPECT_EQ(a800->names[0], "NVIDIA A800-SXM4-80GB");
  EXPECT_EQ(a800->chip, "GA100");
  EXPECT_EQ(a800->cc, sm("8.0"));
  EXPECT_TRUE(a800->is_datacenter);
  EXPECT_EQ(a800->segment, Segment::datacenter);
  EXPECT_EQ(a800->forward_compat, CompatEligibility::eligible);
  EXPECT_EQ(a800->first_driver.branch, "R515");
  EXPECT_EQ(a800->first_driver.version.text, "515.86.01");
  EXPECT_EQ(a800->first_driver.bound, Bound::upper);
  EXPECT_EQ(a800->memory_mb, 80u * 1024);
  EXPECT_EQ(a800->provenance.confidence, Confidence::medium);
  auto* cuda124 = k.toolkit(cuda("12.4"));
  EXPECT_EQ(cuda124->sonames.cudart, "libcudart.so.12");
  EXPECT_EQ(cuda124->updates[0].linux_driver.text, "550.54.14");
}

TEST(Drivers, BranchOfVersion) {
  struct Case {
    const char *version, *row;
    bool in_table;
  } cases[] = {
      {"470.129.06", "R470", true}, {"525.60.13", "R525", true}, {"620.70.06", "R620", true},
      {"384.81", "R384", true},     {"480.1", "R470", false},    {"999.1", "R620", false},
      {"625.0", "R620", false},     {"375.26", "", false},
  };
  for (auto& c : cases) {
    auto match = k.branch_of(v(c.version), linux);
    EXPECT_EQ(match.row ? match.row->id : "", c.row) << c.version;
    EXPECT_EQ(match.in_table, c.in_table) << c.version;
  }
}

TEST(Drivers, WindowsBranchesHaveSeveralMajorNumbers) {
  auto windows = Machine::Platform::windows;
  EXPECT_EQ(k.branch_of(v("472.12"), windows).row->id, "R470");
  EXPECT_TRUE(k.branch_of(v("472.12"), windows).in_table);
  EXPECT_TRUE(k.branch_of(v("528.33"), windows).in_table);
  EXPECT_FALSE(k.branch_of(v("472.12"), linux).in_table);
  EXPECT_FALSE(k.branch_of(v("480.00"), windows).in_table);
}

TEST(Drivers, CudaOfDriver) {
  // cuDriverGetVersion of a loaded libcuda: rows `verified`.
  struct Case {
    const char *driver, *cuda;
    bool is_lower_bound;
  } cases[] = {
      {"390.157", "9.1", false},     {"418.226.00", "10.1", false}, {"450.248.02", "11.0", false},
      {"460.106.00", "11.2", false}, {"470.256.02", "11.4", false}, {"535.261.03", "12.2", false},
      {"550.163.01", "12.4", false}, {"565.57.01", "12.7", false},  {"580.159.04", "13.0", false},
      {"430.26", "10.1", true},  // early releases of this branch print 10.2
      {"700.1", "13.5", true},
  };
  for (auto& c : cases) {
    auto found = k.driver_cuda(v(c.driver), linux);
    ASSERT_TRUE(found.cuda) << c.driver;
    EXPECT_EQ(found.cuda->dotted(), c.cuda) << c.driver;
    EXPECT_EQ(found.is_lower_bound, c.is_lower_bound) << c.driver;
  }
  EXPECT_FALSE(k.driver_cuda(v("340.108"), linux).cuda);
}

TEST(Drivers, MaintainedBranches) {
  // The driver documentation of R620 (November 2026) lists R580, R595 and R620 as alive.
  std::vector<std::string_view> ids;
  for (auto* row : k.maintained_branches()) ids.push_back(row->id);
  EXPECT_EQ(ids, (std::vector<std::string_view>{"R620", "R580", "R595"}));
}

TEST(Toolkits, Floor) {
  struct Case {
    const char *toolkit, *linux, *windows;
  } cases[] = {
      // DRV-2
      {"11.0", "450.80.02", "452.39"},
      {"11.8", "450.80.02", "452.39"},
      {"12.0", "525.60.13", "528.33"},
      {"12.9", "525.60.13", "528.33"},
      {"13.0", "580.65.06", ""},
      {"13.5", "580.65.06", ""},
      {"13.9", "580.65.06", ""},  // not published: the floor is that of the major
      // DRV-3
      {"9.0", "384.81", "385.54"},
      {"9.2", "396.26", "397.44"},
      {"10.0", "410.48", "411.31"},
      {"10.2", "440.33", "441.22"},
  };
  for (auto& c : cases) {
    auto on_linux = k.toolkit_floor(cuda(c.toolkit), linux);
    auto windows = k.toolkit_floor(cuda(c.toolkit), Machine::Platform::windows);
    ASSERT_TRUE(on_linux && windows) << c.toolkit;
    EXPECT_EQ(on_linux->driver.text, c.linux) << c.toolkit;
    EXPECT_EQ(windows->driver.text, c.windows) << c.toolkit;
    EXPECT_EQ(on_linux->row->cuda.major, cuda(c.toolkit).major) << c.toolkit;
  }
  EXPECT_FALSE(k.toolkit_floor(cuda("14.0"), linux));
  EXPECT_FALSE(k.toolkit_floor(cuda("10.3"), linux));
  EXPECT_FALSE(k.toolkit_floor(cuda("8.0"), linux));
}

TEST(Toolkits, NativeDriver) {
  EXPECT_EQ(k.native_driver(cuda("12.4"), linux)->text, "550.54.14");
  EXPECT_EQ(k.native_driver(cuda("12.4"), Machine::Platform::windows)->text, "551.61");
  EXPECT_EQ(k.native_driver(cuda("12.7"), linux)->text,
            "565.57.01");  // no toolkit: first release of the branch
  EXPECT_EQ(k.native_driver(cuda("13.5"), linux)->text, "620.70.06");
  EXPECT_FALSE(k.native_driver(cuda("13.6"), linux));
}

TEST(Ptx, IsaOfCuda) {
  // PTX-2
  std::pair<const char*, Isa> cases[] = {
      {"9.0", isa(6, 0)},  {"9.2", isa(6, 2)},  {"10.0", isa(6, 3)}, {"10.2", isa(6, 5)}, {"11.0", isa(7, 0)},
      {"11.4", isa(7, 4)}, {"11.8", isa(7, 8)}, {"12.0", isa(8, 0)}, {"12.4", isa(8, 4)}, {"12.5", isa(8, 5)},
      {"12.6", isa(8, 5)}, {"12.7", isa(8, 6)}, {"12.8", isa(8, 7)}, {"12.9", isa(8, 8)}, {"13.0", isa(9, 0)},
      {"13.1", isa(9, 1)}, {"13.5", isa(9, 5)},
  };
  for (auto& [version, expected] : cases) EXPECT_EQ(k.ptx_isa(cuda(version)), expected) << version;
  EXPECT_FALSE(k.ptx_isa(cuda("13.6")));
}

TEST(Ptx, FirstCudaWithIsa) {
  std::pair<Isa, const char*> cases[] = {
      {isa(7, 0), "11.0"}, {isa(8, 4), "12.4"}, {isa(8, 5), "12.5"}, {isa(8, 6), "12.7"}, {isa(8, 8), "12.9"},
      {isa(8, 9), "13.0"}, {isa(9, 5), "13.5"}, {isa(7, 9), "12.0"}, {isa(3, 2), "9.0"},
  };
  for (auto& [i, expected] : cases) EXPECT_EQ(k.first_cuda_with_isa(i)->dotted(), expected);
  EXPECT_FALSE(k.first_cuda_with_isa(isa(9, 6)));
}

TEST(Ptx, MinIsaOfTarget) {
  std::pair<const char*, Isa> cases[] = {
      {"107", isa(9, 4)}, {"88", isa(7, 3)},  {"110", isa(9, 0)}, {"103", isa(8, 8)}, {"100f", isa(8, 8)},
      {"120", isa(8, 7)}, {"100", isa(8, 6)}, {"90a", isa(8, 0)}, {"89", isa(7, 8)},  {"90", isa(7, 8)},
      {"87", isa(7, 4)},  {"86", isa(7, 1)},  {"80", isa(7, 0)},
  };
  for (auto& [target, expected] : cases) EXPECT_EQ(k.min_isa(sm(target)), expected) << target;
  EXPECT_FALSE(k.min_isa(sm("130")));
}

TEST(Ptx, TargetAccepted) {
  using enum Answer;
  struct Case {
    const char *target, *gpu, *jit;
    Answer expected;
  } cases[] = {
      // PTX-1: plain targets go up, across majors, never down.
      {"80", "8.0", "11.0", yes},
      {"80", "8.9", "12.0", yes},
      {"80", "9.0", "12.0", yes},
      {"52", "12.0", "12.8", yes},
      {"89", "8.6", "12.0", no},
      {"90", "8.9", "12.0", no},
      {"80", "13.0", "13.5", yes},
      // PTX-3: a stays where it is.
      {"90a", "9.0", "12.0", yes},
      {"90a", "10.0", "12.8", no},
      {"100a", "10.3", "12.9", no},
      {"120a", "12.1", "12.9", no},
      {"90a", "9.0", "11.8", no},
      {"130a", "13.0", "14.0", yes},
      {"130a", "13.1", "14.0", no},
      // PTX-4: f goes to the family.
      {"100f", "10.0", "12.9", yes},
      {"100f", "10.3", "12.9", yes},
      {"100f", "10.7", "13.0", no},
      {"100f", "10.7", "13.4", yes},
      {"103f", "10.0", "13.0", no},
      {"103f", "10.7", "13.5", yes},
      {"100f", "11.0", "13.0", no},
      {"100f", "12.0", "13.0", no},
      {"120f", "12.1", "12.9", yes},
      {"121f", "12.0", "12.9", no},
      {"100f", "10.3", "14.0", yes},
      {"100f", "10.9", "13.5", unknown},  // a GPU that no row has
      {"100f", "10.9", "12.8", no},       // this JIT does not know f at all
      {"120f", "10.9", "13.5", no},
      {"130f", "13.0", "14.0", yes},
      {"130f", "13.1", "14.0", unknown},
      {"130f", "14.0", "14.0", no},
      // PTX-5: Thor was renumbered.
      {"101a", "10.1", "12.8", yes},
      {"101a", "11.0", "13.0", yes},
      {"101f", "11.0", "13.0", yes},
      {"101f", "11.0", "12.9", no},
      {"101", "11.0", "13.0", yes},
      {"101a", "10.3", "13.0", no},
      {"110f", "11.0", "13.0", yes},
  };
  for (auto& c : cases)
    EXPECT_EQ(k.ptx_target_accepts(sm(c.target), sm(c.gpu), cuda(c.jit)), c.expected)
        << c.target << " on " << c.gpu << " by " << c.jit;
}

TEST(Hardware, FamilySass) {
  using enum Answer;
  struct Case {
    const char *target, *gpu;
    Answer expected;
  } cases[] = {
      // SASS-5
      {"100f", "10.0", yes},     {"100f", "10.3", yes}, {"100f", "10.7", yes},     {"103f", "10.0", no},
      {"103f", "10.7", yes},     {"120f", "12.1", yes}, {"121f", "12.0", no},      {"110f", "11.0", yes},
      {"100f", "11.0", no},      {"100f", "12.0", no},  {"101f", "10.1", yes},     {"101f", "10.3", no},
      {"101f", "11.0", unknown},  // PTX-5: nothing read says that it does
      {"100f", "10.9", unknown}, {"130f", "13.0", yes}, {"130f", "13.1", unknown}, {"130f", "14.0", no},
  };
  for (auto& c : cases)
    EXPECT_EQ(k.runs_family_sass(sm(c.target), sm(c.gpu)), c.expected) << c.target << ' ' << c.gpu;
}

TEST(Hardware, Tegra) {
  for (auto cc : {"3.2", "5.3", "6.2", "7.2", "8.7", "10.1", "11.0"}) EXPECT_TRUE(k.is_tegra(sm(cc))) << cc;
  for (auto cc : {"3.0", "5.2", "6.1", "7.0", "7.5", "8.0", "8.6", "8.9", "9.0", "10.0", "10.3", "12.0",
                  "12.1", "13.0"})
    EXPECT_FALSE(k.is_tegra(sm(cc))) << cc;
}

TEST(Hardware, DriversThatKnowAChip) {
  using enum DriverWindow::Fit;
  struct Case {
    const char *chip, *driver;
    DriverWindow::Fit expected;
  } cases[] = {
      // DRV-5
      {"TU102", "396.54", too_old},
      {"TU102", "410.48", knows},
      {"TU117", "415.27", too_old},
      {"TU117", "418.39", knows},
      {"GA100", "440.100", too_old},
      {"GA100", "450.36.06", knows},
      {"GA102", "450.80.02", too_old},
      {"GA102", "455.23.04", knows},
      {"AD102", "515.105.01", too_old},
      {"AD102", "520.61.05", unsure},
      {"AD102", "525.60.13", knows},
      {"GH100", "515.105.01", too_old},
      {"GH100", "520.56.06", knows},
      {"GB100", "565.77", too_old},
      {"GB100", "570.86.15", knows},
      {"GB202", "565.77", too_old},
      {"GB202", "570.86.15", knows},
      {"GB110", "575.64.05", too_old},
      {"GB110", "580.65.06", knows},
      {"GB20B", "575.64.05", too_old},
      {"GB20B", "580.65.06", knows},
      {"GR100", "580.65.06", unsure},
      {"GR100", "615.71.09", knows},
      {"GV100", "375.26", too_old},
      {"GV100", "384.81", knows},
      // DRV-6
      {"GF100", "390.157", knows},
      {"GF100", "396.54", too_new},
      {"GK110", "470.256.02", knows},
      {"GK110", "495.29.05", too_new},
      {"GM200", "580.178.04", knows},
      {"GP102", "580.178.04", knows},
      {"GV100", "580.178.04", knows},
      {"GM200", "590.44.01", too_new},
      {"GP102", "590.44.01", too_new},
      {"GV100", "590.44.01", too_new},
      {"TU102", "620.70.06", knows},
      {"GB202", "700.1", knows},
      // Tegra: the driver comes with JetPack.
      {"GA10B", "450.80.02", unsure},
  };
  for (auto& c : cases) {
    auto* chip = k.chip(c.chip);
    ASSERT_NE(chip, nullptr) << c.chip;
    EXPECT_EQ(k.window(*chip).fit(v(c.driver), linux), c.expected) << c.chip << ' ' << c.driver;
  }
  // Windows numbers of R470 go to 475.
  auto kepler = k.window(*k.chip("GK110"));
  EXPECT_EQ(kepler.fit(v("472.12"), Machine::Platform::windows), knows);
  EXPECT_EQ(kepler.fit(v("496.13"), Machine::Platform::windows), too_new);
}

TEST(Hardware, WindowOfSeveralChips) {
  using enum DriverWindow::Fit;
  auto turing = k.chips_with(sm("7.5"));
  EXPECT_EQ(turing.size(), 5u);
  auto window = k.window(turing);
  EXPECT_EQ(window.fit(v("396.54"), linux), too_old);
  EXPECT_EQ(window.fit(v("410.48"), linux), unsure);  // TU10x yes, TU11x no
  EXPECT_EQ(window.fit(v("418.39"), linux), knows);
  // A chip without known floor takes the promise away, not only its own.
  const ChipRow* mixed[] = {k.chip("TU102"), k.chip("GA10B")};
  EXPECT_EQ(k.window(mixed).fit(v("620.70.06"), linux), unsure);
  EXPECT_EQ(k.window(std::span<const ChipRow* const>()).fit(v("1.0"), linux), unsure);
}

TEST(Hardware, BoardsAgreeWithNvidiasDriverHistory) {
  // Each board that a change log announces is announced by a driver that its chip's row does not refuse.
  for (auto& gpu : k.tables().gpus) {
    if (gpu.first_driver.version.empty()) continue;
    auto window = k.window(*k.chip(gpu.chip));
    EXPECT_NE(window.fit(gpu.first_driver.version.version(), linux), DriverWindow::Fit::too_old) << gpu.id;
    EXPECT_NE(window.fit(gpu.first_driver.version.version(), linux), DriverWindow::Fit::too_new) << gpu.id;
  }
}

TEST(Errors, ByCode) {
  EXPECT_EQ(k.error(35)->runtime_name, "cudaErrorInsufficientDriver");
  EXPECT_EQ(k.error(209)->runtime_name, "cudaErrorNoKernelImageForDevice");
  EXPECT_EQ(k.error(209)->driver_name, "CUDA_ERROR_NO_BINARY_FOR_GPU");
  EXPECT_EQ(k.error(222)->runtime_name, "cudaErrorUnsupportedPtxVersion");
  EXPECT_EQ(k.error(35)->host_configuration, true);
}

TEST(Errors, LegacyRuntimeCodes) {
  auto no_kernel_image = k.legacy_runtime_errors(48);
  ASSERT_EQ(no_kernel_image.size(), 1u);
  EXPECT_EQ(no_kernel_image[0]->code, 209u);
  auto no_device = k.legacy_runtime_errors(38);
  ASSERT_EQ(no_device.size(), 1u);
  EXPECT_EQ(no_device[0]->code, 100u);
  EXPECT_TRUE(k.legacy_runtime_errors(9999).empty());
}

TEST(Roles, ByFileName) {
  std::pair<const char*, Role> cases[] = {
      {"nvidia/cublas/lib/libcublas.so.12", Role::math},
      {"libcublasLt.so.12", Role::math},
      {"torch/lib/libcublas-f6acd947.so.11", Role::math},
      {"libcudnn_cnn_infer.so.8", Role::math},
      {"libcudnn.so.9", Role::math},
      {"libcufft.so.11", Role::math},
      {"libcurand.so.10", Role::math},
      {"libcusolver.so.11", Role::math},
      {"libcusolverMg.so.11", Role::math},
      {"libcusparse.so.12", Role::math},
      {"libcusparseLt.so.0", Role::on_request},
      {"libcusparseLt-f8b4a9fb.so.0", Role::on_request},
      {"libcusparse.so.12", Role::math},
      {"libnppif.so.12", Role::math},
      {"libnvjpeg.so.12", Role::math},
      {"libnccl.so.2", Role::math},
      {"libcufile.so.0", Role::on_request},
      {"libcuda.so.580.159.04", Role::math},  // mapped in every process that runs
      {"libnvidia-ptxjitcompiler.so.1", Role::math},
      {"libcupti.so.12", Role::optional},
      {"libnvrtc.so.12", Role::jit_compiler},
      {"libnvrtc-builtins.so.12.4", Role::jit_compiler},
      {"libnvJitLink.so.12", Role::jit_compiler},
      {"triton/backends/nvidia/bin/ptxas", Role::jit_compiler},
      {"triton/backends/nvidia/bin/ptxas-blackwell", Role::jit_compiler},
      {"libbitsandbytes_cuda121.so", Role::variant},
      {"libtorch_cuda.so", Role::core},
      {"my.libcublas.so.12", Role::core},
      {"libcublas.so.12/readme", Role::core},
      {"libcublaster.so", Role::core},
      {"", Role::core},
  };
  for (auto& [path, expected] : cases) {
    const RoleRow* row = nullptr;
    EXPECT_EQ(k.role_of(path, &row), expected) << path;
    EXPECT_EQ(row != nullptr, expected != Role::core) << path;
  }
}

}  // namespace
}  // namespace cufit
