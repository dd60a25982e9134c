#include "formats/inflate.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <new>
#include <utility>

#ifdef CUFIT_ISAL
#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>
#endif

namespace cufit::formats {
namespace {

class ZlibInflater final : public Inflater {
 public:
  ZlibInflater() {
    if (inflateInit2(&state_, -MAX_WBITS) != Z_OK)
      throw std::bad_alloc();  // negative: no zlib or gzip header
  }
  ~ZlibInflater() override { inflateEnd(&state_); }
  ZlibInflater(const ZlibInflater&) = delete;
  ZlibInflater& operator=(const ZlibInflater&) = delete;

  Step step(Bytes in, std::span<uint8_t> out) override {
    state_.next_in = const_cast<Bytef*>(in.data());
    state_.avail_in = uInt(in.size());
    state_.next_out = out.data();
    state_.avail_out = uInt(out.size());
    int r = inflate(&state_, Z_NO_FLUSH);
    if (r == Z_MEM_ERROR) throw std::bad_alloc();
    Status status = r == Z_STREAM_END               ? Status::end
                    : r == Z_OK || r == Z_BUF_ERROR ? Status::more
                                                    : Status::corrupt;
    return {status, in.size() - state_.avail_in, out.size() - state_.avail_out};
  }

  uint32_t crc(uint32_t crc, Bytes b) const override { return uint32_t(crc32_z(crc, b.data(), b.size())); }

 private:
  z_stream state_{};
};

#ifdef CUFIT_ISAL
class IsalInflater final : public Inflater {
 public:
  IsalInflater() { isal_inflate_init(&state_); }

  Step step(Bytes in, std::span<uint8_t> out) override {
    state_.next_in = const_cast<uint8_t*>(in.data());
    state_.avail_in = uint32_t(in.size());
    state_.next_out = out.data();
    state_.avail_out = uint32_t(out.size());
    int r = isal_inflate(&state_);
    size_t consumed = in.size() - state_.avail_in, produced = out.size() - state_.avail_out;
    if (r < 0) return {Status::corrupt, consumed, produced};
    if (state_.block_state != ISAL_BLOCK_FINISH) return {Status::more, consumed, produced};
    // It has loaded up to eight bytes into its bit buffer that lie behind the end of the data.
    size_t ahead = size_t(std::max(state_.read_in_length, 0)) / 8;
    return {Status::end, consumed - std::min(ahead, consumed), produced};
  }

  uint32_t crc(uint32_t crc, Bytes b) const override { return crc32_gzip_refl(crc, b.data(), b.size()); }

 private:
  inflate_state state_;
};
#endif

constexpr size_t kWindow = 256 << 10;  // stays in the second-level cache between inflating and searching

}  // namespace

std::span<const InflateLibrary> inflate_libraries() {
#ifdef CUFIT_ISAL
  static constexpr std::array all{InflateLibrary::isal, InflateLibrary::zlib};
#else
  static constexpr std::array all{InflateLibrary::zlib};
#endif
  return all;
}

std::unique_ptr<Inflater> make_inflater([[maybe_unused]] InflateLibrary library) {
#ifdef CUFIT_ISAL
  if (library == InflateLibrary::isal) return std::make_unique<IsalInflater>();
#endif
  return std::make_unique<ZlibInflater>();
}

InflateStream::InflateStream(std::unique_ptr<Stream> packed, Expect expect,
                             std::unique_ptr<Inflater> inflater)
    : packed_(std::move(packed)), expect_(expect), inflater_(std::move(inflater)) {}

Bytes InflateStream::peek(size_t n) {
  n = size_t(std::min<uint64_t>({n, max_peek, expect_.size - at_}));
  if (window_.size() < n) fill(n);
  if (made_ == expect_.size) check_end();
  return window_.bytes();
}

void InflateStream::skip(uint64_t n) {
  n = std::min(n, expect_.size - at_);
  while (n > window_.size()) {
    n -= window_.size();
    at_ += window_.size();
    window_.begin = window_.end = 0;
    fill(1);
    if (window_.size() == 0) return;  // the data ended before
  }
  window_.begin += size_t(n);
  at_ += n;
  if (made_ == expect_.size) check_end();
}

/// Unpacks until `n` bytes are in the window or nothing more comes. The bytes are unpacked right where peek
/// shows them.
void InflateStream::fill(size_t n) {
  if (done_) return;
  window_.make_room(std::max(n + kWindow / 2, kWindow));
  while (window_.size() < n && !done_) {
    uint64_t room = std::min<uint64_t>(window_.capacity - window_.end, expect_.size - made_);
    uint8_t* out = window_.data.get() + window_.end;
    size_t produced = unpack_into({out, size_t(room)});
    crc_ = inflater_->crc(crc_, {out, produced});
    window_.end += produced;
    made_ += produced;
    if (done_ && !error_ && made_ < expect_.size)
      stop("expected " + std::to_string(expect_.size) + " bytes unpacked, found " + std::to_string(made_));
  }
}

/// One step of the library. Sets done_ at the end of the data and stops at damage.
size_t InflateStream::unpack_into(std::span<uint8_t> out) {
  Bytes in = packed_->peek(1);
  auto step = inflater_->step(in, out);
  packed_->skip(step.consumed);
  if (step.status == Inflater::Status::end) {
    done_ = true;
  } else if (step.status == Inflater::Status::corrupt) {
    stop("the deflated data are damaged");
  } else if (step.produced == 0 && step.consumed == 0) {
    if (packed_->error()) error_ = *packed_->error();
    stop(in.empty() ? "the deflated data end too early" : "the deflated data are damaged");
  }
  return step.produced;
}

/// All bytes that were expected are there: now the data must end, and be the right ones.
void InflateStream::check_end() {
  uint8_t surplus;
  while (!done_) {
    if (unpack_into({&surplus, 1}) == 0) continue;
    if (!error_) stop("expected " + std::to_string(expect_.size) + " bytes unpacked, found more");
  }
  if (error_ || checked_) return;
  checked_ = true;
  if (!packed_->peek(1).empty())
    stop("bytes follow the deflated data");
  else if (crc_ != expect_.crc)
    stop("the CRC differs from the one in the archive");
}

void InflateStream::stop(const std::string& message) {
  done_ = true;
  if (!error_) error_ = Error{message + " (after " + std::to_string(made_) + " bytes)"};
}

}  // namespace cufit::formats
