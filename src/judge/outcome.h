// Outcome: one subject on one GPU, with what the findings need besides the judgement.
#pragma once

#include "judge/place.h"
#include "judge/step.h"

namespace cufit {

struct Outcome {
  Judgement judgement;
  Cause cause = Cause::none;     ///< of the failure, or of a limit with a code
  bool also_lacks_arch = false;  ///< the driver fails first, and no driver would help: no code for the GPU
  bool own_code = true;          ///< false: NVIDIA's own libraries decide, which nobody can build anew
  std::vector<Sm> targets;       ///< machine code in the files that decide, ascending
  std::optional<std::string> unset;  ///< the environment variable behind the cause
};

/// The verdict with the place's driver. Without one: with the least driver under which nothing is lost, which
/// becomes the condition.
Outcome decide(const Subject&, const Place&);

/// The same without the condition: cheaper, for changes and choices. Without a driver: that of the images.
Outcome decide_here(const Subject&, const Place&);

/// What is said of a subject without GPU code of its own of which everything was read. `needs_cuda`: it asks
/// for libraries that have some.
Step without_cuda(const Subject&, bool needs_cuda);

/// The lowest driver with which the subject does as well on this GPU as with any driver; nothing if it runs
/// with none, or no floor is known.
std::optional<Version> least_driver(const Subject&, const Place&);

}  // namespace cufit
