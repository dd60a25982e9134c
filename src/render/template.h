// Templates of data/texts: "needs driver {need}; this is {have}", "{n} {n|module|modules}", "{{" for a brace.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace cufit::render {

/// A run of literal text or one parameter. Views point into the template.
struct Piece {
  std::string_view literal;    ///< empty for a parameter
  std::string_view parameter;  ///< empty for literal text
  bool plural = false;         ///< {n|one|many}: not the value but a word chosen by it
  std::string_view one, many;
};

/// Cuts a template into pieces. Fails on a brace without partner, a nameless parameter, a plural form without
/// its two words.
Result<std::vector<Piece>> parse_template(std::string_view text);

/// Names of the parameters, sorted, each once.
std::vector<std::string_view> parameters_of(const std::vector<Piece>& pieces);

/// The words with the values put in. A parameter without a value stays visible as "{name}".
std::string fill(const std::vector<Piece>& pieces,
                 const std::vector<std::pair<std::string, std::string>>& args);

}  // namespace cufit::render
