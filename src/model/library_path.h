// LD_LIBRARY_PATH as ld.so(8) takes it: ':' and ';' separate, an empty entry is the working directory.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cufit {

/// Entries as they are written; none of an empty value.
std::vector<std::string> library_path_entries(std::string_view value);

/// The folders that are the same for every program, without final slash: absolute, and without "$ORIGIN".
std::vector<std::string> library_path_folders(std::string_view value);

}  // namespace cufit
