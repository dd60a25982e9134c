// Descriptions of packages that are no longer installed.
#pragma once

#include <vector>

#include "collect/distribution.h"

namespace cufit::collect {

/// Leaves out what describes another version than the one that is installed: a *.dist-info that an uninstall
/// or a copied image left beside that of the package. Of several in one folder for packages that holds whose
/// list fits the most files by size, then whose version NAME/version.py states, then the one that was
/// installed last. It says of each that was left out `gap.stale-description`. `all` is sorted as
/// read_distributions() does.
void leave_out_stale(std::vector<Distribution>& all, const Environment& environment, Cache& cache);

}  // namespace cufit::collect
