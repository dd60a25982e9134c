// Rule: the identity of one compatibility rule. What it checks, why, how to fix it and an example are texts
// of data/texts/rules.toml (rule.ID.what, .why, .fix, .example); its function stands in the file of its
// family.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>

#include "model/text.h"

namespace cufit {

struct Rule {
  std::string_view id;                           ///< "SASS-1"
  std::array<std::string_view, 3> sources = {};  ///< URLs or documents; empty where there are fewer

  Text what() const { return words("what"); }
  Text why() const { return words("why"); }
  Text fix() const { return words("fix"); }
  Text example() const { return words("example"); }

 private:
  Text words(std::string_view part) const { return {"rule." + std::string(id) + '.' + std::string(part)}; }
};

/// Every rule that a report can name, family by family.
std::span<const Rule* const> all_rules();

/// By id, in any case; null if there is none.
const Rule* find_rule(std::string_view id);

}  // namespace cufit
