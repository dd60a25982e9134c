// $ORIGIN, $LIB and $PLATFORM in paths (elf/dl-load.c: is_dst, _dl_dst_substitute).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cufit {

/// What they stand for; nothing: not known.
struct Tokens {
  std::optional<std::string> origin = {}, lib = {}, platform = {};
  bool secure = false;  ///< then $ORIGIN counts only at the front
  /// In secure mode, of the program: what begins with $ORIGIN must come to lie in one of these.
  std::optional<std::vector<std::string>> trusted = {};
};

struct Expanded {
  std::string text;       ///< empty: the loader leaves the path out
  std::string open = {};  ///< the token whose value is not known: "$LIB"; then `text` says nothing
};

/// True if a token stands in it. "$ORIGINAL" is none, "${ORIGIN}" is one.
bool has_token(std::string_view text);

Expanded expand(std::string_view text, const Tokens& tokens);

}  // namespace cufit
