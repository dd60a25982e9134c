// What an environment's Python looks in beside the folders of the environment: lines of *.pth files and egg
// links, folders behind links, the packages of the interpreter that a virtual environment was made with.
// https://docs.python.org/3/library/site.html, https://docs.python.org/3/library/venv.html
#pragma once

#include <string>
#include <vector>

#include "collect/directory.h"
#include "collect/environment.h"

namespace cufit::collect {

class Cache;

/// Walks those folders and adds what they hold to `tree` and `environments`, each as an environment of its
/// own that is part_of the one that looks there. What is not followed is a gap: modules that are loaded by
/// code of the package (which is not run), folders that hold half of the machine, and packages of an
/// interpreter that is not there. `wanted` as it was for `tree`, which is the walk of `root`.
void add_search_paths(const std::string& root, const Wanted& wanted, const std::string& system, Cache& cache,
                      Tree& tree, std::vector<Environment>& environments);

}  // namespace cufit::collect
