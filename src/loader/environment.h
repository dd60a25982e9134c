// Which copy of each CUDA library a Python environment loads, and whose it is.
#pragma once

#include <functional>
#include <string>

#include "loader/framework.h"

namespace cufit {

/// The distribution whose files a path belongs to.
struct FileOwner {
  std::string name;     ///< "nvidia-cublas-cu12"
  std::string version;  ///< "12.8.4.1"
};
/// By the path behind all links; empty names: nobody's.
using Owners = std::function<FileOwner(const std::string& real)>;

struct EnvironmentLoads {
  Loads loads;        ///< with versions and owners
  bool ends = false;  ///< the import ends with an error, as far as files can show it
};

EnvironmentLoads loads_of_environment(const Framework&, const PythonProcess&, const Files&,
                                      const LoaderSettings&, const Owners&);

/// The version in the name of a file, if it says more than its SONAME: "12.1.3.1" of libcublas.so.12.1.3.1.
std::string version_in_name(std::string_view file_name, std::string_view soname);

}  // namespace cufit
