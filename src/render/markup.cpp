#include "render/markup.h"

#include "render/layout.h"

namespace cufit::render {

std::string escaped(std::string_view text) {
  std::string out;
  auto shown = printable(text);
  for (size_t i = 0; i < shown.size(); i++) {
    char c = shown[i];
    // U+FFFE and U+FFFF are valid UTF-8 but no characters of XML: https://www.w3.org/TR/xml/#charsets
    bool is_noncharacter = shown.compare(i, 2, "\xEF\xBF") == 0 && i + 2 < shown.size() &&
                           (shown[i + 2] == '\xBE' || shown[i + 2] == '\xBF');
    if (is_noncharacter) {
      out += shown[i + 2] == '\xBE' ? "\\ufffe" : "\\uffff";
      i += 2;
    } else if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else if (c == '"') {
      out += "&quot;";
    } else if (c == '\'') {
      out += "&#39;";
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace cufit::render
