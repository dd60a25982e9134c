#include "formats/ld_so.h"

#include <algorithm>

#include "base/version.h"

namespace cufit::formats {
namespace {

/// The next text that a zero byte ends, taken off `b`.
std::string_view take_text(Bytes& b) {
  auto text = text_at(b, 0);
  b = b.subspan(std::min(text.size() + 1, b.size()));
  return text;
}

bool in_folder_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("/._+-").find(c) != std::string_view::npos;
}

/// "/usr/lib64/", one of what stands in SYSTEM_DIRS of elf/dl-load.c; empty if `text` is none. The first of
/// them may have other bytes in front.
std::string_view folder_in(std::string_view text) {
  if (text.empty() || text.back() != '/') return {};
  size_t from = text.size();
  while (from > 0 && in_folder_name(text[from - 1])) from--;
  auto name = text.substr(from);
  bool fits = name.size() >= 3 && name.size() <= 4096 && name.front() == '/';
  return fits && name.find("lib") != name.npos ? name : std::string_view();
}

}  // namespace

LdSo read_ld_so(Bytes file) {
  constexpr std::string_view kCache = "/ld.so.cache", kVersion = " release version ";
  constexpr size_t kMaxFolders = 16;
  LdSo found;
  bool complete = false;  // the first run of folders that stand next to each other is the list
  for (Bytes rest = file; !rest.empty();) {
    auto text = take_text(rest);
    if (auto folder = folder_in(text); !folder.empty()) {
      if (!complete && found.folders.size() < kMaxFolders)
        found.folders.emplace_back(folder.substr(0, folder.size() - 1));
      continue;
    }
    complete |= !found.folders.empty();
    if (found.cache.empty() && text.starts_with('/') && text.ends_with(kCache)) found.cache = text;
    // "ld.so (Debian GLIBC 2.36-9+deb12u14) stable release version 2.36."
    auto at = text.starts_with("ld.so (") ? text.find(kVersion) : text.npos;
    if (at == text.npos) continue;
    auto version = digits_and_dots(text.substr(at + kVersion.size()));
    while (version.ends_with('.')) version.remove_suffix(1);
    found.version = version;
  }
  return found;
}

}  // namespace cufit::formats
