// Remedies that change what is installed: another published build with its companions, a cuda-compat package,
// another compiler for run-time code.
#pragma once

#include <vector>

#include "judge/choose.h"
#include "judge/findings.h"

namespace cufit {

/// Builds of the catalogue that run in place of the case's, each judged there. Extensions that are installed
/// beside it and would no longer fit are named.
std::vector<Remedy> other_builds(const Case&);

/// The oldest cuda-compat package with which the case runs; nothing if none is sure to work.
std::optional<Remedy> compat_package(const Case&);

/// Why no cuda-compat package helps; nothing if one does or the question does not arise.
std::optional<Rejected> rejected_compat(const Case&);

/// TRITON_PTXAS_PATH to a ptxas of the driver's CUDA major.
std::optional<Remedy> other_ptxas(const Case&);

}  // namespace cufit
