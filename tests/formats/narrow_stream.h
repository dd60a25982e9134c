// A stream that gives little more than it must, from a buffer of exactly that size that is filled anew each
// time. A reader that looks further than what it was given, or keeps what it saw, is caught by a sanitizer;
// one whose result depends on how much it was given, by a comparison.
#pragma once

#include <algorithm>
#include <memory>

#include "base/stream.h"

namespace cufit::test {

class NarrowStream final : public Stream {
 public:
  /// Gives the bytes asked for, but at least `least` if there are that many.
  explicit NarrowStream(Bytes b, size_t least = 1) : bytes_(b), least_(least) {}
  uint64_t at() const override { return at_; }
  Bytes peek(size_t n) override {
    n = size_t(std::min<uint64_t>({std::max(n, least_), max_peek, bytes_.size() - at_}));
    shown_ = std::make_unique<uint8_t[]>(n);
    std::copy_n(bytes_.begin() + ptrdiff_t(at_), n, shown_.get());
    return {shown_.get(), n};
  }
  void skip(uint64_t n) override {
    at_ += std::min<uint64_t>(n, bytes_.size() - at_);
    shown_.reset();
  }

 private:
  Bytes bytes_;
  size_t least_;
  uint64_t at_ = 0;
  std::unique_ptr<uint8_t[]> shown_;
};

}  // namespace cufit::test
