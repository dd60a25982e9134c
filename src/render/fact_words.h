// The names of facts and their values in words, for `diff`.
#pragma once

#include <string>

#include "render/words.h"

namespace cufit::render {

/// "machine.driver.kernel" -> "driver", "observed.nodes./dev/nvidia0.mode" -> "mode of /dev/nvidia0". A fact
/// that has no words yet is said as it is called.
std::string fact_words(const Writer&, std::string_view fact);

/// Its value: "absent" -> "none", bytes with their unit, all else as it is.
std::string value_words(const Writer&, std::string_view fact, const std::string& value);

}  // namespace cufit::render
