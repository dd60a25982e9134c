#include "judge/driver.h"

#include <algorithm>
#include <ranges>

namespace cufit {

DriverView view_driver(const Knowledge& k, const Version& version, Machine::Platform platform,
                       const std::optional<Version>& given) {
  DriverView view;
  view.version = view.kernel = version;
  auto cuda = k.driver_cuda(version, platform);
  view.cuda = cuda.cuda;
  view.cuda_is_lower_bound = cuda.is_lower_bound;
  view.row = cuda.row;
  view.in_table = k.branch_of(version, platform).in_table;
  if (given)
    if (auto stated = Cuda::from(*given)) view.cuda = stated, view.cuda_is_lower_bound = false;
  return view;
}

namespace {

/// The driver that NVIDIA names for a toolkit; empty if none was read.
DriverVersion named_driver(const ToolkitRow& row, Machine::Platform platform) {
  return platform == Machine::Platform::windows ? row.windows_native_driver_ga : row.native_driver_ga;
}

}  // namespace

DriverView promised(const Knowledge& k, DriverView driver, Machine::Platform platform) {
  auto kept = [&](const ToolkitRow& row) {
    auto named = named_driver(row, platform);
    return driver.cuda && row.cuda <= *driver.cuda && (named.empty() || driver.version >= named.version());
  };
  auto newest_first = std::views::reverse(k.tables().toolkits);
  auto found = std::ranges::find_if(newest_first, kept);
  driver.cuda = found == newest_first.end() ? std::nullopt : std::optional(found->cuda);
  return driver;
}

FloorCheck check_floor(const Knowledge& k, Cuda toolkit, const DriverView& driver,
                       Machine::Platform platform) {
  FloorCheck check;
  check.rule = toolkit.major < 11 ? &drv_3 : &drv_2;
  if (auto floor = k.toolkit_floor(toolkit, platform); floor && !floor->driver.empty()) {
    check.floor = floor->driver.version();
    check.row = floor->row;
  }
  // The driver that NVIDIA names for the toolkit: earlier ones of its branch may report the same CUDA
  // version, and nobody promises that they run it.
  auto* row = k.toolkit(toolkit);
  auto named = row ? named_driver(*row, platform) : DriverVersion{};
  bool below_named = driver.cuda == toolkit && !named.empty() && driver.version < named.version();
  if (driver.cuda && *driver.cuda >= toolkit && !below_named) {
    check.meets = Answer::yes;
  } else if (below_named && !(check.floor && driver.version >= *check.floor)) {
    check.meets = Answer::unknown;
  } else if (check.floor) {
    check.meets = driver.version >= *check.floor ? Answer::yes : Answer::no;
    // Releases of this branch disagree about their CUDA version (R430: 10.1, and 10.2 from 430.26 on).
    if (check.meets == Answer::no && driver.in_table && driver.cuda_is_lower_bound && driver.cuda &&
        driver.cuda->major == toolkit.major)
      check.meets = Answer::unknown;
    check.by_minor_compat = check.meets == Answer::yes;
  } else if (driver.cuda && !driver.cuda_is_lower_bound && driver.cuda->major < toolkit.major) {
    check.meets = Answer::no;  // a major newer than the driver's, whatever its floor may be
  }
  return check;
}

}  // namespace cufit
