// What must hold between the rows of the knowledge. A table that breaks one of these is refused, at build
// time and at run time.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "knowledge/knowledge.h"

namespace cufit {

/// "data/gpus.toml:12" for a table ("gpu") and the index of a row in it.
using RowLocation = std::function<std::string(std::string_view table, size_t index)>;

/// All contradictions, each with file, line and row. The tables are sorted and have unique ids.
std::vector<Error> check_tables(const Tables&, const RowLocation&);

}  // namespace cufit
