// What the fuzz targets share. A target is one function on bytes, as libFuzzer defines it; it reports what it
// finds by a sanitizer or by require().
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "base/bytes.h"
#include "formats/narrow_stream.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace cufit::fuzz {

/// Ends the program with a message if `holds` is false: the input is a finding.
inline void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "finding: %s\n", what);
  std::abort();
}

}  // namespace cufit::fuzz
