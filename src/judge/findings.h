// Findings: root causes over judgements, with remedies that were judged again.
#pragma once

#include <span>

#include "judge/outcome.h"
#include "model/report.h"

namespace cufit {

/// The outcome of one subject on one GPU of the world.
struct Case {
  const Subject& subject;
  const Place& place;
  const Outcome& outcome;
  Cause cause = Cause::none;
};

/// Equal causes with equal remedies are one finding.
std::vector<Finding> find_causes(std::span<const Case>);

}  // namespace cufit
