#include "render/generate/text_rows.h"

#include <toml++/toml.h>

#include <algorithm>

#include "render/template.h"

namespace cufit::render {

namespace {

/// The parameters of a template, or why it is none.
Result<std::vector<std::string_view>> parameters(const TextRow& row, std::string_view words) {
  if (words.empty()) return fail(row.id + ": needs both en and zh", row.file);
  auto pieces = parse_template(words);
  if (!pieces) return fail(row.id + ": " + pieces.error().message, row.file);
  return parameters_of(*pieces);
}

Result<TextRow> read_row(std::string_view id, const toml::node& node, const std::string& file) {
  TextRow row{std::string(id), "", "", file};
  auto* table = node.as_table();
  if (!table) return fail(row.id + ": expected a table [\"" + row.id + "\"]", file);
  for (auto& [key, value] : *table) {
    auto words = value.value<std::string>();
    if (!words || (key != "en" && key != "zh"))
      return fail(row.id + ": expected only en and zh, as strings", file);
    (key == "en" ? row.en : row.zh) = *words;
  }
  auto en = parameters(row, row.en), zh = parameters(row, row.zh);
  if (!en) return std::unexpected(en.error());
  if (!zh) return std::unexpected(zh.error());
  if (*en != *zh) return fail(row.id + ": en and zh use different parameters", file);
  return row;
}

std::string quoted(std::string_view s) {
  std::string out = "\"";
  for (char c : s) {
    if (c == '\n') {
      out += "\\n";
      continue;
    }
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

}  // namespace

Result<std::vector<TextRow>> read_text_rows(std::string_view toml, const std::string& file) {
  std::vector<TextRow> rows;
  try {
    for (auto& [id, node] : toml::parse(toml, file)) {
      auto row = read_row(id.str(), node, file);
      if (!row) return std::unexpected(row.error());
      rows.push_back(*row);
    }
  } catch (const toml::parse_error& e) {
    return fail("line " + std::to_string(e.source().begin.line) + ": " + std::string(e.description()), file);
  }
  return rows;
}

Result<std::vector<TextRow>> join_text_rows(std::vector<TextRow> rows) {
  std::ranges::sort(rows, {}, &TextRow::id);
  auto twice = std::ranges::adjacent_find(rows, {}, &TextRow::id);
  if (twice != rows.end()) return fail(twice->id + ": also in " + std::next(twice)->file, twice->file);
  return rows;
}

std::string to_cpp(const std::vector<TextRow>& rows) {
  std::string out;
  for (auto& r : rows) out += '{' + quoted(r.id) + ", " + quoted(r.en) + ", " + quoted(r.zh) + "},\n";
  return out;
}

}  // namespace cufit::render
