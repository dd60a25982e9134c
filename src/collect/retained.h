// Retained: the parts of a stream that are needed again when its end is known.
//
// The section table of an ELF file is at its end, its names and the dynamic section anywhere; a wheel member
// can be over 1 GB and comes only forward. So a first pass keeps the head, the tail and what the program
// headers name; a question that they cannot answer is remembered, and a second pass keeps that, too.
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "base/file.h"
#include "base/stream.h"
#include "collect/options.h"

namespace cufit::collect {

struct Range {
  uint64_t offset = 0, size = 0;
};

class Retained final : public RandomBytes {
 public:
  /// For data of `size` bytes: keeps head, tail and `extra` ranges (cut to the data, joined where they
  /// overlap).
  Retained(uint64_t size, const Keep& keep, std::vector<Range> extra);

  uint64_t size() const override { return size_; }
  std::optional<Bytes> view(uint64_t off, uint64_t n) override;
  /// Ranges inside the data that view() was asked for and that were not kept.
  const std::vector<Range>& missed() const { return missed_; }

 private:
  friend class RetainingStream;
  struct Part {
    uint64_t offset = 0, size = 0;
    std::vector<uint8_t> bytes;  ///< as far as they have come
  };
  uint64_t size_;
  std::vector<Part> parts_;  ///< ascending, not overlapping
  std::vector<Range> missed_;
};

/// Passes a stream through and lets `kept` keep its parts on the way.
class RetainingStream final : public Stream {
 public:
  /// `inner` stands at 0. `done` (may be null) counts the bytes that went by.
  RetainingStream(Stream& inner, Retained& kept, std::atomic<uint64_t>* done)
      : inner_(inner), kept_(kept), done_(done) {}

  uint64_t at() const override { return inner_.at(); }
  Bytes peek(size_t n) override { return inner_.peek(n); }
  void skip(uint64_t n) override;
  const Error* error() const override { return inner_.error(); }

 private:
  Stream& inner_;
  Retained& kept_;
  std::atomic<uint64_t>* done_;
  size_t part_ = 0;  ///< first part that is not behind us
};

}  // namespace cufit::collect
