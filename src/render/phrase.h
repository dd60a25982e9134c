// Text -> words, in the user's language.
#pragma once

#include <string>
#include <string_view>

#include "model/text.h"

namespace cufit::render {

enum class Lang { en, zh };

/// The language asked for: `arg` (--lang) first, then the environment variables LC_ALL and LANG, each empty
/// if not given. "zh", "zh_CN.UTF-8", "zh-Hans" are Chinese; all else is English.
Lang lang_from(std::string_view arg, std::string_view lc_all, std::string_view lang);

/// The words for a text. An id without a row in data/texts is shown as the id with its parameters.
std::string phrase(const Text& text, Lang lang);

/// True if data/texts has a row for this id.
bool has_words(std::string_view id);

}  // namespace cufit::render
