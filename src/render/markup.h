// Text inside XML and HTML.
#pragma once

#include <string>
#include <string_view>

namespace cufit::render {

/// Safe as text and inside quoted attributes of XML 1.0 and HTML: markup is escaped; control characters and
/// bytes that are not UTF-8 are shown as "\x1b", and so are the two code points that XML does not allow.
std::string escaped(std::string_view text);

}  // namespace cufit::render
