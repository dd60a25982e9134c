// Deflated data as a stream of unpacked bytes in bounded memory.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "base/file.h"
#include "base/stream.h"

namespace cufit::formats {

/// A raw deflate decoder that keeps its state between calls: the seam between InflateStream and a library.
class Inflater {
 public:
  virtual ~Inflater() = default;
  enum class Status { more, end, corrupt };
  struct Step {
    Status status;
    size_t consumed, produced;  ///< bytes of `in` and of `out`
  };
  /// Unpacks from `in` to `out` until one is used up or the data end.
  virtual Step step(Bytes in, std::span<uint8_t> out) = 0;
  /// CRC-32 (as in zip) of `b` appended to data with CRC `crc`.
  virtual uint32_t crc(uint32_t crc, Bytes b) const = 0;
};

/// The fastest decoder of this build.
std::unique_ptr<Inflater> make_inflater();

/// Unpacks a raw deflate stream whose unpacked size and CRC are known, going forward only: skip() unpacks and
/// forgets. error() tells of bytes that are no deflate data, end early, hold more or fewer bytes than stated,
/// or have another CRC; it is complete once at() has reached the end of the data.
class InflateStream final : public Stream {
 public:
  struct Expect {
    uint64_t size;
    uint32_t crc;
  };
  InflateStream(std::unique_ptr<Stream> packed, Expect expect,
                std::unique_ptr<Inflater> inflater = make_inflater());

  uint64_t at() const override { return at_; }
  Bytes peek(size_t n) override;
  void skip(uint64_t n) override;
  const Error* error() const override { return error_ ? &*error_ : nullptr; }

 private:
  void inflate_some();
  void check_end();
  void stop(std::string message);

  std::unique_ptr<Stream> packed_;
  Expect expect_;
  std::unique_ptr<Inflater> inflater_;
  RawBuffer window_;
  uint64_t at_ = 0;
  uint64_t made_ = 0;  ///< bytes unpacked so far
  uint32_t crc_ = 0;
  bool done_ = false;
  std::optional<Error> error_;
};

}  // namespace cufit::formats
