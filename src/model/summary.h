// Summary: what the judgements of a report come to.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "model/report.h"

namespace cufit {

/// From which verdict on the exit code says "no".
enum class FailOn : uint8_t { unfit, limited };

struct Summary {
  std::optional<Verdict> verdict;       ///< the worst one; nothing if nothing was judged
  std::array<uint32_t, 4> counts = {};  ///< by Verdict
  int exit = 0;  ///< 0 fits or limited, 1 unfit, 2 a target could not be opened, 3 undecided

  uint32_t count(Verdict v) const { return counts[size_t(v)]; }
};

/// Exit codes over several targets: unfit before not opened before undecided before fits.
Summary summarize(const Report& report, FailOn fail_on = FailOn::unfit);

}  // namespace cufit
