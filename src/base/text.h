// Small readings of texts. What they give are parts of the text, which must outlive them: temporaries are
// refused.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cufit {

/// Without the blanks at both ends.
std::string_view trimmed(std::string_view text, std::string_view blanks = " \t\r\n\f\v");

/// With small letters in place of A to Z.
std::string lower(std::string_view text);

/// The parts between the separators, empty ones as well.
std::vector<std::string_view> split(std::string_view text, char at);
std::vector<std::string_view> split(std::string&&, char) = delete;

/// Texts in one, with something between them.
std::string joined(const auto& texts, std::string_view between = ", ") {
  std::string all;
  bool first = true;
  for (const auto& text : texts) {
    if (!first) all += between;
    all += text;
    first = false;
  }
  return all;
}

/// "a/b" of "a" and "b"; "/b" in the root, "b" where no folder is given.
std::string path_in(std::string_view folder, std::string_view name);

/// The name behind the last separator of a path: "b.so" of "a/b.so".
std::string_view base_name(std::string_view path, std::string_view separators = "/");
std::string_view base_name(std::string&&, std::string_view = "/") = delete;

/// The folder that a path lies in: "/a" of "/a/b", "/" of "/b"; empty if the path names none.
std::string folder_of(std::string_view path);

/// Does the whole text match a shell pattern with `*`, `?` and sets like `[0-9]`? Linear in text times
/// pattern.
bool matches_pattern(std::string_view pattern, std::string_view text);

/// "%20" is a space. Nothing if a byte is not written in two hexadecimal digits, or is NUL.
std::optional<std::string> percent_decoded(std::string_view text);

/// A character of UTF-8.
struct Utf8Char {
  uint32_t code = 0;
  size_t bytes = 0;  ///< 0: none
};
/// The first one of a text. Overlong forms and halves of surrogates are none, nor is an empty text.
Utf8Char first_char(std::string_view text);

/// C0, DEL and C1, and the marks that change the direction or the lines of a text: a terminal obeys them.
bool is_control(uint32_t code);

/// What others wrote, fit to be kept and shown: valid UTF-8 with "?" in place of every byte that is none and
/// of every control character that is not to be `kept`.
std::string readable(std::string_view text, std::string_view kept = {});

}  // namespace cufit
