// Deflated data as a stream of unpacked bytes in bounded memory.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

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

/// Libraries that can stand behind an Inflater. On libtorch_cuda.so of the torch 2.2.0 wheel (855 MB) with
/// the CRC checked, isa-l 2.30 gives 531 MB/s and zlib 1.2.13 gives 256 MB/s (one core, AMD EPYC); without
/// the CRC 533 and 272. So the CRC is always checked, and isa-l is used where it can be: Debian and Ubuntu
/// have no static library of it, hence the static binary has zlib. libdeflate cannot stream and would need a
/// buffer of the member's size.
enum class InflateLibrary { isal, zlib };

/// What this build has, fastest first; zlib is always there.
std::span<const InflateLibrary> inflate_libraries();

std::unique_ptr<Inflater> make_inflater(InflateLibrary library = inflate_libraries().front());

/// Unpacks a raw deflate stream whose unpacked size and CRC are known, going forward only: skip() unpacks and
/// forgets. error() tells of bytes that are no deflate data, end early, hold more or fewer bytes than stated,
/// or have another CRC. It is complete once peek or skip has seen the end of the data.
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
  size_t unpack_into(std::span<uint8_t> out);
  void fill(size_t n);
  void check_end();
  void stop(const std::string& message);

  std::unique_ptr<Stream> packed_;
  Expect expect_;
  std::unique_ptr<Inflater> inflater_;
  RawBuffer window_;
  uint64_t at_ = 0;
  uint64_t made_ = 0;  ///< bytes unpacked so far
  uint32_t crc_ = 0;
  bool done_ = false;     ///< nothing more can come
  bool checked_ = false;  ///< the end was checked
  std::optional<Error> error_;
};

}  // namespace cufit::formats
