// Environments as subjects: one for every installed distribution that says anything of GPUs.
#pragma once

#include <vector>

#include "collect/cache.h"
#include "collect/directory.h"
#include "collect/environment.h"
#include "collect/options.h"
#include "model/subject.h"

namespace cufit::collect {

/// The names to walk for to find environments: sources, texts and compiled Python are left out.
Wanted wanted_in_environments();

/// Reads the distributions of `environments`, which were found below `root` in `tree`. Each gives one subject
/// if a file of it holds GPU code, needs CUDA libraries, compiles GPU code, or could not be read or is
/// missing. What belongs to no distribution gives one more subject of kind directory for its environment, and
/// one for what lies in no environment. An environment without any of these gives one subject without
/// members.
std::vector<Subject> read_environments(const std::string& root, Tree tree,
                                       const std::vector<Environment>& environments, const Options& options,
                                       Cache& cache);

}  // namespace cufit::collect
