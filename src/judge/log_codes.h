// Which error code a message of a log carries: by number, name or words.
#pragma once

#include "knowledge/knowledge.h"
#include "model/log.h"

namespace cufit {

/// The CUDA error that a sighting tells of; null if it carries none that is known.
const ErrorRow* cuda_error_of(const Sighting&, const Knowledge&);

/// The row of messages for "cuda:209"; null if there is none.
const MessageRow* message_of_code(std::string_view code, const Knowledge&);

}  // namespace cufit
