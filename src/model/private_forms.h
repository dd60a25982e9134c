// What betrays people, machines and secrets by its form: how long it is at the beginning of a text.
#pragma once

#include <algorithm>
#include <cctype>
#include <string_view>

#include "base/number.h"

namespace cufit {

inline bool is_alnum(char c) { return std::isalnum(static_cast<unsigned char>(c)); }
inline bool is_hex(char c) { return std::isxdigit(static_cast<unsigned char>(c)); }
inline bool is_token(char c) { return is_alnum(c) || c == '_' || c == '-'; }

/// What parts words in lists, sentences and assignments.
inline constexpr std::string_view between_words = " \t\n\r:;,=\"'`()[]{}<>|";

template <class F>
size_t length_while(std::string_view text, F holds) {
  return size_t(std::ranges::find_if_not(text, holds) - text.begin());
}

/// Does a word end at `at`?
inline bool ends_at(std::string_view text, size_t at) { return at >= text.size() || !is_alnum(text[at]); }

bool is_uuid(std::string_view s);

/// A token that a service gave out (`token_forms`), or a JSON Web Token. Here and below: 0 if there is none.
size_t token_length(std::string_view rest);

/// "00:1a:2b:3c:4d:5e"
size_t mac_length(std::string_view rest);

/// IPv4, or IPv6 with "::" or all of its eight groups; not that of the machine itself, nor "any".
size_t address_length(std::string_view rest);

/// The folders of a pattern of `home_forms`.
size_t home_length(std::string_view folder, std::string_view rest);

/// "a/" before "alice": large sites part homes by their first letter.
size_t shard_length(std::string_view rest);

/// Letters and digits that nobody wrote by hand: a key in base16 or base64.
bool is_random(std::string_view item);

}  // namespace cufit
