// CUDA toolkits on disk.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "collect/container.h"
#include "collect/root.h"
#include "model/observed.h"

namespace cufit::collect {

/// "12.4.1" of the version.json of a toolkit (its entry "cuda"); since 11.1.
std::optional<Version> version_of_json(std::string_view text);
/// "10.2.89" of "CUDA Version 10.2.89" (version.txt; until 11.0, and Debian's).
std::optional<Version> version_of_txt(std::string_view text);
/// 12.4 of "#define CUDA_VERSION 12040" in cuda.h.
std::optional<Version> version_of_header(std::string_view text);

/// The toolkits below /usr/local, /opt/cuda, Debian's, those of the HPC SDK, of $CUDA_HOME, $CUDA_PATH and
/// $CUDA_ROOT, and conda prefixes with nvcc; each once, by its path behind all links, sorted by path.
std::vector<Toolkit> find_toolkits(const Root& root, const Variables& env);

}  // namespace cufit::collect
