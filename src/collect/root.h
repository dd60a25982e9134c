// Root: the file system of the machine that is looked at, this one or one that lies in a folder (an unpacked
// image, a recording, /proc/PID/root).
//
// /proc, /sys and /etc may hold anything: every question is bounded, nothing blocks, and there are three
// answers: the value, "is not there", and why it could not be read. Nothing here throws or follows a link out
// of the root.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/fact.h"

namespace cufit::collect {

/// Does the error say that nothing is there, or that a file stands where a folder of the path must be?
bool is_nothing(int number);

/// "EACCES"; "errno 250" for a number that has no name.
std::string error_name(int number);

/// Fact::why of what was read and is not what it must be.
inline constexpr const char* kNotUnderstood = "not understood";

class Root {
 public:
  /// `folder` is taken as "/"; empty or "/": this machine.
  explicit Root(std::string folder = {});

  bool this_machine() const { return folder_.empty(); }
  /// "/", or the folder.
  std::string name() const { return folder_.empty() ? "/" : folder_; }

  // Paths below are absolute and of the root: "/etc/os-release". So are the sources of facts.

  /// The content of a regular file. Absent: not there. Unreadable: the name of the error; "EFBIG": larger
  /// than `limit`; "a FIFO", "a device", ...: what is there is no file, and was not opened.
  Fact<std::string> text(const std::string& path, size_t limit = kSmall) const;
  /// Its first `n` bytes, or fewer if it is smaller.
  Fact<std::string> head(const std::string& path, size_t n) const;
  /// The names in a folder, sorted, without "." and "..". Unreadable with "EFBIG": more than `limit`.
  Fact<std::vector<std::string>> names(const std::string& path, size_t limit = kMany) const;
  /// Where a link leads, as it is written.
  Fact<std::string> link(const std::string& path) const;
  /// What lies behind all links.
  Fact<struct stat> look(const std::string& path) const;
  /// True if a file or folder is there. False also if nobody could look.
  bool has(const std::string& path) const { return bool(look(path)); }
  /// A path that other readers can open: links followed inside of the root, for this machine as given.
  /// Nothing if nothing is there.
  std::optional<std::string> open_path(const std::string& path) const;
  /// Path in the root behind all links: "/lib64/ld-linux-x86-64.so.2" is "/usr/lib/x86_64-linux-gnu/ld-...".
  std::optional<std::string> real(const std::string& path) const;

  static constexpr size_t kSmall = 64 << 10;
  static constexpr size_t kMany = 16 << 10;

 private:
  std::expected<std::string, int> resolve(const std::string& path) const;
  std::string folder_;  ///< without "/" at its end; empty: this machine
};

inline Source at_path(std::string path) { return {Source::Kind::path, std::move(path)}; }

template <class T>
Fact<T> absent(std::string path) {
  Fact<T> f;
  f.from = at_path(std::move(path));
  return f;
}
template <class T>
Fact<T> unreadable(std::string why, std::string path) {
  Fact<T> f;
  f.is = Unreadable{std::move(why)};
  f.from = at_path(std::move(path));
  return f;
}
/// The answer of `other`, which is no value, for a fact of another type.
template <class T, class U>
Fact<T> no_value(const Fact<U>& other) {
  Fact<T> f;
  if (auto* u = std::get_if<Unreadable>(&other.is)) f.is = *u;
  f.from = other.from;
  return f;
}

/// What `parse` (a function of the text to std::optional<T>) makes of a text; "not understood" if nothing.
template <class T, class Parse>
Fact<T> parsed(const Fact<std::string>& text, Parse parse) {
  if (!text) return no_value<T>(text);
  auto value = parse(std::string_view(*text));
  return value ? Fact<T>(*std::move(value), text.from) : unreadable<T>(kNotUnderstood, text.from.where);
}

}  // namespace cufit::collect
