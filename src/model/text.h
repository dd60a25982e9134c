// Text: what cufit wants to say, before it has words. `render` finds the words in data/texts.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace cufit {

/// An id of data/texts with named parameters. Two Texts are the same statement if they are equal.
struct Text {
  std::string id;
  std::vector<std::pair<std::string, std::string>> args = {};
  bool operator==(const Text&) const = default;
  bool empty() const { return id.empty(); }
};

}  // namespace cufit
