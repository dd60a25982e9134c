// Environments: where packages are installed below a directory.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "collect/directory.h"

namespace cufit::collect {

/// A virtual environment, a conda prefix, a Python prefix (usr/local) or a folder of packages by itself.
struct Environment {
  std::string root;                ///< begins with the target as given
  std::vector<std::string> sites;  ///< folders in which packages lie
  std::vector<std::string>
      distributions;   ///< paths of *.dist-info, *.egg-info and *.egg/EGG-INFO in the sites
  bool conda = false;  ///< root holds conda-meta
  std::string system;  ///< Options::system
  /// Root of the environment whose Python looks here too; empty for one that stands by itself.
  std::string part_of = {};
  bool sites_are_searched = true;  ///< *.pth files in `sites` count
  std::string python;              ///< "3.12" if the path of a site says it, else empty
};

/// True for the name of a file or folder that describes an installed distribution: "torch-2.9.1.dist-info",
/// "pycuda.egg-info". Not for what pip leaves of a broken uninstallation ("~orch-2.9.1.dist-info").
bool is_distribution_name(std::string_view name);

/// Does conda keep its records here? A folder "conda-meta" with a history or with records in it; a package
/// may have a folder of that name for other things.
bool is_conda_prefix(const std::string& folder);

/// The link bin/python or bin/python3 below `root` if it leads to nothing and no other does better: programs
/// of the environment do not start here. They may where its base is, another machine or image.
std::optional<std::string> dangling_interpreter(const std::string& root, const std::string& system);

/// The environments at and below `root`, whose walk gave `tree` (with names of pyvenv.cfg in it), sorted by
/// root. `system` as in Options. Metadata of packages inside of packages (setuptools/_vendor) make no
/// environment.
std::vector<Environment> find_environments(const std::string& root, const Tree& tree,
                                           const std::string& system = {});

/// The environments of a root file system, by the names of folders alone: virtual environments, conda
/// prefixes, folders for packages. What the kernel makes up (/proc, /sys, /dev), and what container engines
/// keep, is passed over. Sorted; all begin with `system`.
std::vector<std::string> environments_below(const std::string& system);

/// The environment in which each file lies: index in `environments` of the innermost one, -1 for none.
std::vector<int> environments_of(const std::vector<std::string>& files,
                                 const std::vector<Environment>& environments);

}  // namespace cufit::collect
