// The Python of an environment, as far as it decides what an import loads: where it looks for packages, in
// its order, and its own extension module that opens libraries.
#pragma once

#include <string>
#include <vector>

#include "model/file_index.h"

namespace cufit::commands {

/// Folders of packages in the order of sys.path: first those of PYTHONPATH, also such in which nothing was
/// found; then, as Lib/site.py adds them, those of the environment itself (`root`), of the user, of
/// /usr/local and of the distribution. `sites` are paths inside the root file system; those of one rank stay
/// in their order. `cwd`: for relative entries of PYTHONPATH, which are left out where it is not known
/// (empty).
std::vector<std::string> in_sys_path_order(std::vector<std::string> sites, const std::string& root,
                                           const std::string& python_path, const std::string& cwd);

/// The file of the module _ctypes of `python`, a path to an interpreter; empty if none is seen (it may be
/// built in).
std::string ctypes_of(const std::string& python, const Files&);

/// The folder in which Python finds a package, by its metadata (".../torch-2.9.1.dist-info") or one of its
/// files in a folder for packages: ".../site-packages" of ".../site-packages/torch/lib/libtorch_cuda.so".
/// Empty: the path does not tell.
std::string site_of(const std::string& path);

}  // namespace cufit::commands
