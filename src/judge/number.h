// How the driver reads a number in an environment variable (RUN-6, RUN-8).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace cufit {

/// Like strtoul into 32 bits, as measured on an H100 with driver 580.159.04: blanks, a sign, digits, whatever
/// follows; modulo 2^32, and -1 from 2^64 on. Nothing if there are no digits.
std::optional<int32_t> driver_number(std::string_view);

}  // namespace cufit
