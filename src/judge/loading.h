// What a framework opens by itself, by data/loading.toml.
#pragma once

#include <optional>
#include <string_view>

#include "knowledge/knowledge.h"
#include "loader/framework.h"
#include "model/package.h"

namespace cufit {

/// The import of a release, then what the libraries of CUDA open. `cuda`: what the build was made with
/// ("12.8"; "12" if only that is known; empty: unknown, then what hangs on it is left out). Nothing if the
/// table does not know the package or the release.
std::optional<Framework> framework_of(const Knowledge&, std::string_view package, const PackageVersion&,
                                      std::string_view cuda);

}  // namespace cufit
