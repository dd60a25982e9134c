// The software side of what a machine shows of itself.
#pragma once

#include <string>
#include <vector>

#include "collect/container.h"
#include "collect/root.h"
#include "model/file_index.h"
#include "model/image.h"
#include "model/observed.h"

namespace cufit::collect {

/// Fills libraries, preloads, sharing, toolkits, environments, variables and the compiler. `env`: variables
/// of the process that is asked about; `cwd`: its working folder, empty if not known; `cached`: entries of
/// ld.so.cache. What was not looked at is given back.
std::vector<Gap> observe_software(const Root& root, const Variables& env, const std::string& cwd,
                                  const std::vector<CachedLibrary>& cached, Observed& to);

}  // namespace cufit::collect
