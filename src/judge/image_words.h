// The image axis in words: what a share of the modules offers to the GPU.
#pragma once

#include <span>

#include "judge/judged_file.h"

namespace cufit {

/// The text that says what a share offers.
std::string text_id(const Share&);

struct ImageWords {
  std::span<const JudgedFile* const> files;
  uint32_t total;  ///< modules
  const Place& place;

  Text operator()(const Share&) const;
};

}  // namespace cufit
