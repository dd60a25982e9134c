// Change: something done to the world, and what a case comes to after it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "judge/findings.h"
#include "model/package.h"

namespace cufit {

/// What is left out stays as it is.
struct Change {
  std::optional<Version> driver;             ///< install this driver
  const ForwardCompatRow* compat = nullptr;  ///< load the libcuda of this package
  std::vector<std::string> unset;            ///< environment variables
  std::vector<const BuildRow*> build;        ///< install this build in place of the subject ...
  std::optional<PackageVersion> release;     ///< ... in this release
  std::optional<Cuda> ptxas;                 ///< TRITON_PTXAS_PATH: a ptxas of this CUDA release
};

/// The case judged again after the change.
Outcome decide_after(const Change&, const Subject&, const Place&);
Verdict verdict_after(const Change&, const Case&);

}  // namespace cufit
