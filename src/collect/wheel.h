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

}  // namespace cufit::collect
