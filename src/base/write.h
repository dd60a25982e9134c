// Writing to a descriptor that may take less than it is given: a pipe, a terminal, a file.
#pragma once

#include <string_view>

namespace cufit {

/// Writes all of it, again after signals. False: some was not written, and errno says why.
bool write_all(int fd, std::string_view bytes);

}  // namespace cufit
