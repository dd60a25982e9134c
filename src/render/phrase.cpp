#include "render/phrase.h"

#include <algorithm>
#include <iterator>

#include "render/template.h"

namespace cufit::render {

namespace {

struct Row {
  std::string_view id, en, zh;
};

// Sorted by id; made from data/texts/*.toml when cufit is built (see generate/).
constexpr Row rows[] = {
#include "texts.inc"
};

const Row* find(std::string_view id) {
  auto row = std::ranges::lower_bound(rows, id, {}, &Row::id);
  return row != std::end(rows) && row->id == id ? row : nullptr;
}

std::string bare(const Text& text) {
  std::string out = text.id;
  for (size_t i = 0; i < text.args.size(); i++)
    out += (i == 0 ? " (" : ", ") + text.args[i].first + ": " + text.args[i].second;
  if (!text.args.empty()) out += ')';
  return out;
}

}  // namespace

Lang lang_from(std::string_view arg, std::string_view lc_all, std::string_view lang) {
  auto chosen = !arg.empty() ? arg : !lc_all.empty() ? lc_all : lang;
  return chosen.starts_with("zh") ? Lang::zh : Lang::en;
}

std::string phrase(const Text& text, Lang lang) {
  auto* row = find(text.id);
  if (!row) return bare(text);
  auto pieces = parse_template(lang == Lang::zh ? row->zh : row->en);
  return pieces ? fill(*pieces, text.args) : bare(text);
}

bool has_words(std::string_view id) { return find(id) != nullptr; }

}  // namespace cufit::render
