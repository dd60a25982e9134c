// Libraries of CUDA that a process has from several files at once.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/load.h"

namespace cufit {

struct DuplicateLibrary {
  std::string library;             ///< "libcublas": library_stem()
  std::vector<const Load*> files;  ///< the first load of each file, in the order of loading
};

/// Those among the loads of one process; they point into `loads`.
std::vector<DuplicateLibrary> duplicates_of(const std::vector<Load>& loads);

/// A name without version and without what a wheel builder adds: "libcublas" of "libcublas.so.12",
/// "libcudart" of "libcudart-d0da41ae.so.11.0".
std::string library_stem(std::string_view file_name);

}  // namespace cufit
