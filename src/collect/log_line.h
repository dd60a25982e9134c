// A line of a log: where it begins, who wrote it, and whether it is code that a traceback quotes.
#pragma once

#include <string>
#include <string_view>

namespace cufit::collect {

/// The line around text[at], between ends of lines and carriage returns, at most `most` bytes of either side.
struct LineSpan {
  size_t begin = 0, end = 0;
};
LineSpan line_around(std::string_view text, size_t at, size_t most = 2000);

/// Which of several programs wrote a line that begins so: "rank 3" of "[rank3]: ...", "pid 13359" of
/// "(VllmWorkerProcess pid=13359) ...", "web-1" of "web-1  | ..."; empty if it does not say.
std::string stream_of(std::string_view line);

/// Source code that a traceback shows: it was not printed by what it says.
bool is_quoted_code(std::string_view text, LineSpan line);

/// A line fit to be shown: readable, of a long one `most` bytes from a little before `at`.
std::string shown(std::string_view text, LineSpan line, size_t at, size_t most = 300);

}  // namespace cufit::collect
