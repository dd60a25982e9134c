// Which copy of each CUDA library a Python environment loads, and what LD_LIBRARY_PATH and LD_PRELOAD do to
// it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "loader/framework.h"

namespace cufit {

/// The distribution whose files a path belongs to.
struct FileOwner {
  std::string name;     ///< "nvidia-cublas-cu12"
  std::string version;  ///< "12.8.4.1"
};
/// By the path behind all links; empty names: nobody's.
using Owners = std::function<FileOwner(const std::string& real)>;

/// One CUDA library of which the process has several files.
struct DuplicateLibrary {
  std::string library;            ///< "libcublas", without version and without what a wheel builder added
  std::vector<std::string> real;  ///< the files, in the order of loading
  bool operator==(const DuplicateLibrary&) const = default;
};

/// A CUDA library for which the variables lead to another file.
struct MovedLibrary {
  std::string name;           ///< "libnvJitLink.so.12"
  std::string with, without;  ///< files behind all links; empty: not found, or not asked for
  bool operator==(const MovedLibrary&) const = default;
};

struct EnvironmentLoads {
  Loads loads;        ///< with versions and owners
  bool ends = false;  ///< the import ends with an error, as far as files can show it
  std::vector<DuplicateLibrary> duplicates;
  /// By LD_LIBRARY_PATH and LD_PRELOAD together; empty if neither is set.
  std::vector<MovedLibrary> moved;
};

EnvironmentLoads loads_of_environment(const Framework&, const PythonProcess&, const Files&,
                                      const LoaderSettings&, const Owners&);

/// "libcublas" of "libcublas.so.12", "libcudart" of "libcudart-d0da41ae.so.11.0".
std::string library_stem(std::string_view file_name);

/// The version in the name of a file, if it says more than its SONAME: "12.1.3.1" of libcublas.so.12.1.3.1.
std::string version_in_name(std::string_view file_name, std::string_view soname);

}  // namespace cufit
