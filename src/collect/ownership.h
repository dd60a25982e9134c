// Which distribution a file belongs to.
#pragma once

#include <string>
#include <vector>

#include "collect/directory.h"
#include "collect/distribution.h"

namespace cufit::collect {

/// A claim on a file that another distribution has overwritten.
struct Overwritten {
  size_t distribution, winner;
  std::string path;
};

/// A library of a package that brings CUDA libraries: what lies there is not what its owner recorded.
struct Replaced {
  size_t distribution;
  std::string path;
};

struct Ownership {
  std::vector<int> owner;  ///< for each file the index of its distribution, -1: it belongs to none
  std::vector<Overwritten> overwritten;
  std::vector<Replaced> replaced;
  /// Claims whose file is not there, by distribution, in the order of their paths.
  std::vector<std::vector<std::string>> missing;
  /// The same of claims in folders that this user may not look into.
  std::vector<std::vector<std::string>> denied;
  /// The same of claims where something else than a file lies: a folder, a FIFO, a device.
  std::vector<std::vector<std::string>> no_files;
};

/// Settles who owns each file of an environment. Of several distributions that claim a file, that whose
/// recorded size fits the file is the owner; among equal sizes that whose recorded SHA-256 fits, and where
/// none can be told, the one that was installed last. `files` is sorted by path and grows by files that are
/// recorded and lie where the walk did not go. Claims that go through links inside are rewritten.
Ownership settle(std::vector<FoundFile>& files, std::vector<Distribution>& distributions,
                 const Environment& environment, Cache& cache);

}  // namespace cufit::collect
