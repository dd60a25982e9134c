// One image of a subject's own GPU code, as its runtime would hand it to the driver: loaded on a GPU it
// proves what the headers promise.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>

#include "collect/probe.h"
#include "model/image.h"
#include "model/subject.h"

namespace cufit::collect {

/// How a GPU takes a module, the best first. That is for the rules to say, which are not known here.
enum class Takes : uint8_t { native, compatible, compiled, not_at_all };
using TakesModule = std::function<Takes(const ModuleShape&)>;

struct FoundImage {
  ProofImage image;
  uint64_t at = 0;  ///< its offset in the file
  Takes takes = Takes::not_at_all;
};

/// Of the files that the subject is for, before those that it uses on demand and those of NVIDIA: a module
/// that the GPU takes, machine code before PTX, and of equal ones the smallest that is no stub: a container
/// (without the wrapper of the runtime), a cubin, or a PTX text with a NUL behind it. At most 4 MiB. A gap
/// tells why there is none. Reads a few headers at places that are known, never the whole file.
std::expected<FoundImage, Gap> image_to_prove(const Subject&, const TakesModule&);

}  // namespace cufit::collect
