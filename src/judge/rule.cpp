#include "judge/rule.h"

#include <algorithm>
#include <vector>

#include "judge/bin.h"
#include "judge/compat.h"
#include "judge/container.h"
#include "judge/driver.h"
#include "judge/host.h"
#include "judge/jit.h"
#include "judge/neighbours.h"
#include "judge/ptx.h"
#include "judge/run.h"
#include "judge/sass.h"
#include "judge/tegra.h"
#include "judge/uses.h"
#include "judge/visible.h"

namespace cufit {

std::span<const Rule* const> all_rules() {
  static const auto all = [] {
    std::vector<const Rule*> list;
    for (std::span<const Rule* const> family :
         {std::span<const Rule* const>(sass_rules), std::span<const Rule* const>(ptx_rules),
          std::span<const Rule* const>(driver_rules), std::span<const Rule* const>(library_rules),
          std::span<const Rule* const>(bin_rules), std::span<const Rule* const>(jit_rules),
          std::span<const Rule* const>(run_rules), std::span<const Rule* const>(lazy_rules),
          std::span<const Rule* const>(visible_rules), std::span<const Rule* const>(tegra_rules),
          std::span<const Rule* const>(use_rules), std::span<const Rule* const>(neighbour_rules),
          std::span<const Rule* const>(compat_rules), std::span<const Rule* const>(container_rules),
          std::span<const Rule* const>(host_rules), std::span<const Rule* const>(wsl_rules)})
      list.insert(list.end(), family.begin(), family.end());
    return list;
  }();
  return all;
}

const Rule* find_rule(std::string_view id) {
  auto upper = [](char c) { return c >= 'a' && c <= 'z' ? char(c - 'a' + 'A') : c; };
  auto same = [&](const Rule* r) { return std::ranges::equal(r->id, id, {}, {}, upper); };
  auto found = std::ranges::find_if(all_rules(), same);
  return found == all_rules().end() ? nullptr : *found;
}

}  // namespace cufit
