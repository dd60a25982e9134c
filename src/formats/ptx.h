// PTX text: `.version 8.4`, `.target sm_90a`.
#pragma once

#include <optional>

#include "base/bytes.h"
#include "formats/fatbin.h"

namespace cufit::formats {

struct PtxHead {
  Image image;
  size_t size = 0;  ///< bytes up to the end of the `.target` line, without its line end
};

/// Reads the head of a PTX text: comments and blank lines, `.version M.m`, `.target sm_NN[a|f][, ...]`.
/// 2 KiB of text suffice for what compilers write; nothing if the text is no PTX.
std::optional<PtxHead> read_ptx_head(Bytes text);

/// The image alone.
std::optional<Image> read_ptx(Bytes text);

}  // namespace cufit::formats
