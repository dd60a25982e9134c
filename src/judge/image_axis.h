// The image axis: do the files that decide hold code that the GPU runs?
#pragma once

#include <span>

#include "judge/judged_file.h"
#include "judge/step.h"

namespace cufit {

struct ImageStep : Step {
  Coverage coverage;
};

ImageStep judge_images(std::span<const JudgedFile> all, std::span<const JudgedFile* const> deciding,
                       const Subject&, const Place&);

}  // namespace cufit
