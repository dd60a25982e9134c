// Paths as Files wants them.
#pragma once

#include <string>
#include <string_view>

namespace cufit {

/// "/a/./b//c/" -> "/a/b/c". ".." stays: it goes to the parent of what a link names.
std::string normal_path(std::string_view path);

}  // namespace cufit
