// SHA-256 (FIPS 180-4): the digest that RECORD and conda-meta keep of every file.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/stream.h"

namespace cufit {

class Sha256 {
 public:
  void add(Bytes bytes);
  /// The digest, 32 bytes; nothing may be added behind.
  std::string digest();

 private:
  void block(const uint8_t* p);
  std::array<uint32_t, 8> state_ = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                    0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::array<uint8_t, 64> pending_ = {};
  uint64_t size_ = 0;
};

/// Digest of all that the stream still has; what could not be read is missing (Stream::error).
std::string sha256(Stream& stream);

/// The bytes of URL-safe base64 without padding; empty if it is none.
std::string bytes_of_base64url(std::string_view text);
/// The bytes of hexadecimal digits; empty if they are none.
std::string bytes_of_hex(std::string_view text);

}  // namespace cufit
