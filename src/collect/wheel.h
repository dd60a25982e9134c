// Wheels (and other zip archives): read in one pass, nothing is unpacked to disk.
#pragma once

#include "base/file.h"
#include "base/result.h"
#include "collect/options.h"
#include "model/subject.h"

namespace cufit::collect {

/// Reads a zip archive. With a *.dist-info/METADATA or a wheel's file name it becomes a wheel with name,
/// version and what its tags require; else an archive.
Result<Subject> read_wheel(const File& file, const Options& options);

/// What a wheel's file name says (PEP 427): name-version(-build)-python-abi-platform.whl.
struct WheelName {
  std::string name, version, python, platform;
};
std::optional<WheelName> parse_wheel_name(std::string_view file_name);

/// The glibc that a platform tag asks for: manylinux2014_x86_64 -> "2.17", manylinux_2_28_aarch64 -> "2.28"
/// (PEP 600).
std::optional<std::string> glibc_of(std::string_view platform);

}  // namespace cufit::collect
