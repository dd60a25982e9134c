// Short names of things, the same in every language.
#pragma once

#include <string>

#include "model/report.h"

namespace cufit::render {

/// "torch 2.2.0+cu121" for a wheel, the target as written for all else.
std::string label(const Subject& subject);

/// "A800 (sm_80)", or just "sm_80" if nothing better is known.
std::string label(const Gpu& gpu);

/// "SASS sm_90a", "PTX compute_90 ISA 8.4", "LTO lto_90".
std::string label(const Image& image);

/// "SASS", "PTX", "LTO", "?".
std::string_view kind_label(Image::Kind kind);

/// "sm_90a" for SASS, "compute_90a" for PTX, "lto_90a" for LTO.
std::string target_label(const Image& image);

/// Bytes with the decimal unit that leaves three or four digits: "1.54 GB", "433 MB", "912 bytes".
std::string size_label(uint64_t bytes);

std::string hex(uint64_t n);

/// "arg:--driver".
std::string label(const Source& source);

/// ", windows, aarch64, glibc 2.28": what of the host decides and is not the usual; empty if nothing is.
std::string host_words(const Machine& machine, std::string_view between = ", ");

/// Each of the list once, with how often it is there: "8 x H100 (sm_90)".
std::vector<std::string> counted(const std::vector<std::string>& list);

/// Memory in binary units, as limits are set: "64 MiB", "23.6 GiB".
std::string memory_label(uint64_t bytes);

}  // namespace cufit::render
