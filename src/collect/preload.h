// Libraries that the loader puts before all others, and what shares GPUs by them.
#pragma once

#include <string>
#include <vector>

#include "collect/container.h"
#include "collect/root.h"
#include "model/observed.h"

namespace cufit::collect {

struct Preloads {
  std::vector<std::string> entries;  ///< as Observed::preloads, names and paths as written
  /// As Observed::sharing. Unreadable: /etc/ld.so.preload is there and may not be read.
  Fact<std::string> sharing;
};

/// `libraries`: gpu-manager of Tencent puts its own library in the place of libcuda.
Preloads find_preloads(const Root& root, const Variables& env, const std::vector<DriverLibrary>& libraries);

}  // namespace cufit::collect
