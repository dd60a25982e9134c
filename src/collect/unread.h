// Gaps of what could not be read at all.
#pragma once

#include <string>

#include "base/result.h"
#include "model/image.h"

namespace cufit::collect {

/// Of a file or folder, by the number of errno. What this user may not read is told apart.
Gap unread_gap(const std::string& path, int error);
/// Of a file that File::open could not open.
Gap unread_gap(const std::string& path, const Error&);

}  // namespace cufit::collect
