// The texts that describe a distribution: METADATA and PKG-INFO, WHEEL, RECORD.
// https://packaging.python.org/en/latest/specifications/core-metadata/,
// https://packaging.python.org/en/latest/specifications/recording-installed-packages/
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "collect/marker.h"
#include "model/subject.h"

namespace cufit::collect {

/// The value of the first "Key: value" line before the description; empty if there is none. `key` with colon.
std::string field(std::string_view metadata, std::string_view key);

/// What METADATA asks for (Requires-Dist), sorted by name. Lines for extras and for other platforms are left
/// out; where `place` does not tell whether a line holds, it is kept.
std::vector<Dependency> dependencies(std::string_view metadata, const MarkerPlace& place);

/// A local version ("+cu121") that the index took off: torch writes it in its version.py.
std::string with_local_version(const std::string& version, std::string_view version_py);

/// What a wheel's file name says (PEP 427): name-version(-build)-python-abi-platform.whl.
struct WheelName {
  std::string name, version, python, abi, platform;
};
std::optional<WheelName> parse_wheel_name(std::string_view file_name);

/// Requires of python, ABI and platform tags that come together, each possibly several joined by dots.
Requires requires_of(std::string_view python_tag, std::string_view abi_tag, std::string_view platform_tag);

/// Requires of a WHEEL file: all of its "Tag:" lines.
Requires requires_of_wheel_file(std::string_view wheel);

/// Host architecture of a platform tag or of Requires::platforms: "x86_64"; empty if it says none.
std::string machine_of(std::string_view platform);

/// One line of RECORD.
struct RecordLine {
  std::string path;         ///< as written, relative to the folder that holds the dist-info, or absolute
  std::string_view sha256;  ///< base64 without padding, URL-safe; empty if there is none
  std::optional<uint64_t> size;
};

/// Takes the first line off a RECORD (CSV: fields may be quoted, "" is a quote, a quoted field may hold a
/// line end). False at the end; a line that is none gives an empty path.
bool take_record_line(std::string_view& record, RecordLine& line);

}  // namespace cufit::collect
