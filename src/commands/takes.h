// What the rules say of the modules that are loaded as a proof.
#pragma once

#include "collect/proof_image.h"
#include "judge/place.h"

namespace cufit::commands {

/// How the GPU of `place`, which must outlive this, takes a module that is handed to the driver by itself.
/// What the rules leave open it does not take: a failure would prove nothing.
collect::TakesModule takes_at(const Place& place);

}  // namespace cufit::commands
