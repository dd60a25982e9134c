// Stream: bytes in ascending order, with a look ahead. A file can jump over what nobody wants to see, a
// deflated wheel member has to inflate it; the readers of `formats` work on both because they only go
// forward.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"

namespace cufit {

class Stream {
 public:
  virtual ~Stream() = default;

  /// Offset of the next byte.
  virtual uint64_t at() const = 0;

  /// The next bytes, without consuming them: at least `n` unless the data ends before, often more.
  /// Valid until the next call of peek or skip. Implementations cap `n` at `max_peek`.
  virtual Bytes peek(size_t n) = 0;

  /// Moves on by `n` bytes, at most to the end of the data. Bytes skipped need not be read.
  virtual void skip(uint64_t n) = 0;

  /// Why the data ended before they should have, or are not what they should be; null if nothing went wrong
  /// so far.
  virtual const Error* error() const { return nullptr; }

  static constexpr size_t max_peek = size_t{16} << 20;
};

/// A stream over bytes in memory.
class MemoryStream final : public Stream {
 public:
  explicit MemoryStream(Bytes b) : bytes_(b) {}
  uint64_t at() const override { return at_; }
  Bytes peek(size_t) override { return bytes_.subspan(at_); }
  void skip(uint64_t n) override { at_ += n < bytes_.size() - at_ ? n : bytes_.size() - at_; }

 private:
  Bytes bytes_;
  uint64_t at_ = 0;
};

}  // namespace cufit
