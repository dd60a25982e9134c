// Reads and checks data/texts/*.toml; used when cufit is built.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace cufit::render {

struct TextRow {
  std::string id, en, zh, file;
};

/// Rows of one file. Refuses a row without both languages, with other keys, with a broken template, or whose
/// languages use different parameters.
Result<std::vector<TextRow>> read_text_rows(std::string_view toml, const std::string& file);

/// Sorts by id and refuses an id that occurs twice.
Result<std::vector<TextRow>> join_text_rows(std::vector<TextRow> rows);

/// One C++ initialiser a row: {"id", "en", "zh"},
std::string to_cpp(const std::vector<TextRow>& rows);

}  // namespace cufit::render
