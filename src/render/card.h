// Card: what `cufit show` prints about one rule, GPU, toolkit, driver or error code.
#pragma once

#include <string>
#include <vector>

#include "render/render.h"

namespace cufit::render {

/// A value that needs no words: a number, a name, a URL.
Text literal(std::string value);

struct Card {
  struct Field {
    Text label;
    std::vector<Text> values;  ///< one line each
  };
  std::string id;  ///< "toolkit/12.1"
  Text title;
  std::vector<Field> fields;
  std::vector<std::string> sources;  ///< URLs or documents
};

std::string to_text(const std::vector<Card>& cards, const Options& options);

/// cufit.cards/1: {"schema", "cards": [{"id", "title", "fields": [{"label", "values"}], "sources"}]}, every
/// text as
/// {"id", "text", "args"}.
std::string to_json(const std::vector<Card>& cards, Lang lang);

}  // namespace cufit::render
