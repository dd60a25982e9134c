// Archives that are not looked into, by their names.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace cufit::collect {

/// True for the name of an archive inside of a folder or a wheel that may hold programs. Data files that are
/// zip archives by format (.npz, .pt, .jar) are not meant.
inline bool is_archive_name(std::string_view name) {
  static constexpr std::array<std::string_view, 14> endings = {
      ".zip", ".whl",     ".egg",    ".conda",  ".7z",      ".tar",  ".tgz",
      ".txz", ".tar.bz2", ".tar.gz", ".tar.xz", ".tar.zst", ".tbz2", ".rpm"};
  return std::ranges::any_of(endings, [&](std::string_view e) { return name.ends_with(e); });
}

}  // namespace cufit::collect
