#include "formats/scan.h"

#include <algorithm>
#include <string>

#include "formats/cubin.h"
#include "formats/ptx.h"
#include "formats/unpack.h"

namespace cufit::formats {
namespace {

/// Largest cubin without kernels that was ever seen is 5,488 bytes; what is larger has kernels.
constexpr uint64_t kSmall = 8192;
/// How much of an image in a bare fatbin file is read.
constexpr uint64_t kWhole = 4 << 20;
constexpr size_t kElfHeader = 64;
constexpr size_t kPtxHead = 2048;
constexpr uint64_t kMaxLoose = Stream::max_peek;
/// A file that is made of nothing but things to unpack must not cost hours.
constexpr uint32_t kMaxUnpackings = 1'000'000;

}  // namespace

void Scanner::scan(uint64_t end) {
  while (s_.at() < end) {
    uint64_t before = s_.at();
    search(end);
    if (s_.at() == before) break;  // the stream has no more
  }
}

/// Moves to the next mark and reads what it announces.
void Scanner::search(uint64_t end) {
  uint64_t room = end - s_.at();
  Bytes b = s_.peek(size_t(std::min<uint64_t>(room, kMarkSize)));
  if (b.size() > room) b = b.first(size_t(room));
  if (b.empty()) return;
  auto hit = find_mark(b);
  if (hit.at == b.size()) {
    // Keep what may be the start of a mark, unless nothing follows it.
    bool last = b.size() == room || b.size() < kMarkSize;
    Bytes gone = b.first(last ? b.size() : b.size() - (kMarkSize - 1));
    skip_checked(gone);
    return;
  }
  skip_checked(b.first(hit.at));
  switch (hit.mark) {
    case Mark::fatbin:
      return container(end);
    case Mark::wrapper:
      return wrapper();
    case Mark::elf:
      return loose_cubin(end);
    case Mark::zstd:
      return loose_zstd(end);
    case Mark::ptx:
      return loose_ptx();
  }
}

/// Passes over bytes that hold no mark; in a fatbin section they must be padding.
void Scanner::skip_checked(Bytes gone) {
  if (options_.tiled) {
    uint64_t at = s_.at();
    auto it = std::ranges::find_if(gone, [](uint8_t c) { return c != 0; });
    // Up to seven bytes are alignment, whatever they hold: a reader that goes only forward cannot tell them.
    if (it != gone.end() && gone.size() >= kMarkSize) {
      if (at > hole_reported_until_ || hole_reported_until_ == 0)
        found_.add_gap(GapKind::not_a_container, at + uint64_t(it - gone.begin()));
      hole_reported_until_ = at + gone.size();
    }
  }
  s_.skip(gone.size());
}

void Scanner::container(uint64_t end) {
  uint64_t at = s_.at();
  Bytes b = s_.peek(fatbin::kHeaderSize + fatbin::kEntrySize);
  uint64_t size = b.size() >= fatbin::kHeaderSize ? load_at<uint64_t>(b.data() + 8) : UINT64_MAX;
  uint64_t room = end - at;
  bool fits = size % 8 == 0 && size <= room - std::min(room, fatbin::kHeaderSize);
  bool starts = fits && (size == 0 || fatbin::read_entry(b.subspan(fatbin::kHeaderSize), size));
  if (!starts) {
    found_.add_gap(GapKind::container_damaged, at, fits ? "entry" : "size");
    s_.skip(kMarkSize);
    return;
  }
  s_.skip(fatbin::kHeaderSize);
  uint64_t stop = at + fatbin::kHeaderSize + size;
  std::vector<Image> images;
  while (s_.at() < stop && entry(stop, images)) {
  }
  found_.add_module(at, s_.at() - at, std::move(images), false);
}

/// Reads one entry and passes over it; false if there is none.
bool Scanner::entry(uint64_t end, std::vector<Image>& images) {
  uint64_t at = s_.at();
  // With the ELF header of machine code that is not packed: it costs nothing more.
  Bytes b = s_.peek(size_t(std::min<uint64_t>(end - at, 2 * fatbin::kEntrySize + kElfHeader)));
  auto e = fatbin::read_entry(b, end - at);
  if (!e) {
    found_.add_gap(GapKind::entry_damaged, at);
    return false;
  }
  Image image = e->image;
  if (image.kind == Kind::other)
    found_.add_gap(GapKind::unknown_kind, at, std::to_string(e->raw_kind));
  else if (image.kind == Kind::sass)
    look_into(*e, image);
  if (images.size() < Found::kMaxImages)
    images.push_back(image);
  else if (images.size() == Found::kMaxImages)
    found_.add_gap(GapKind::too_many, at);
  uint64_t next = at + e->header + e->payload;
  s_.skip(e->header + e->payload);
  if (s_.at() < next) found_.add_gap(GapKind::truncated, s_.at());
  return s_.at() == next;
}

/// What only the machine code itself tells: kernels or none, relocatable or not, toolkit. What is small is
/// read whole (every device link leaves such a stub, and it names the toolkit), of the rest only the ELF
/// header, if that is free.
void Scanner::look_into(const fatbin::Entry& e, Image& image) {
  bool packed = image.packing != Packing::none;
  bool whole = e.unpacked <= (options_.all_heads ? kWhole : kSmall);
  if (packed && !whole && !options_.all_heads) return;
  if (packed && unpackings_++ >= kMaxUnpackings) {
    if (unpackings_ == kMaxUnpackings + 1) found_.add_gap(GapKind::too_many, s_.at());
    return;
  }

  uint64_t want = packed ? (e.packed ? e.packed : e.payload) : whole ? e.payload : kElfHeader;
  if (packed && !whole) want = std::min<uint64_t>(want, kFirstBlock);
  Bytes b = s_.peek(size_t(std::min<uint64_t>(e.header + want, Stream::max_peek)));
  if (b.size() <= e.header) return;
  Bytes payload = b.subspan(e.header, std::min<uint64_t>(want, b.size() - e.header));
  if (packed) {
    if (whole)
      unpack(image.packing, payload, size_t(e.unpacked), scratch_);
    else
      unpack_head(image.packing, payload, scratch_);
    payload = scratch_;
  }
  auto cubin = read_cubin(payload);
  if (!cubin) return;
  image.relocatable = cubin->image.relocatable;
  image.empty = cubin->complete && cubin->image.empty;
  note_toolkit(cubin->toolkit);
}

void Scanner::wrapper() {
  Bytes b = s_.peek(24);
  if (b.size() >= 24)
    found_.add_wrapper({s_.at(), load_at<uint32_t>(b.data() + 4), load_at<uint64_t>(b.data() + 8)});
  s_.skip(std::min<size_t>(b.size(), 24));
}

/// A cubin without a container around it. Other ELF files inside a file are host code: passed over.
void Scanner::loose_cubin(uint64_t end) {
  uint64_t at = s_.at();
  auto size = options_.loose ? cubin_size(s_.peek(kElfHeader)) : std::nullopt;
  if (!size) return s_.skip(kMarkSize);
  if (*size > end - at || *size > kMaxLoose) {
    found_.add_gap(GapKind::loose_too_large, at);
    return s_.skip(kMarkSize);
  }
  Bytes b = s_.peek(size_t(*size));
  auto cubin = read_cubin(b.first(std::min<size_t>(size_t(*size), b.size())));
  if (!cubin) return s_.skip(kMarkSize);
  note_toolkit(cubin->toolkit);
  found_.add_module(at, *size, {cubin->image}, true);
  s_.skip(*size);
}

/// A zstd frame whose content begins as a cubin: the first block tells.
void Scanner::loose_zstd(uint64_t end) {
  uint64_t at = s_.at();
  if (!options_.loose || unpackings_ >= kMaxUnpackings) return s_.skip(kMarkSize);
  if (++unpackings_ == kMaxUnpackings) found_.add_gap(GapKind::too_many, at);
  unpack_head(Packing::zstd, s_.peek(kFirstBlock), scratch_);
  auto cubin = read_cubin(scratch_);
  if (!cubin) return s_.skip(kMarkSize);
  skip_zstd_frame(end);
  cubin->image.packing = Packing::zstd;
  note_toolkit(cubin->toolkit);
  found_.add_module(at, s_.at() - at, {cubin->image}, true);
}

/// Hops from block to block, to the end of the frame or to where it is damaged.
void Scanner::skip_zstd_frame(uint64_t end) {
  auto frame = zstd_frame(s_.peek(kZstdMaxHeader));
  s_.skip(frame.header);
  for (bool last = false; !last && s_.at() < end;) {
    auto block = zstd_block(s_.peek(kZstdBlockHeader));
    last = block.last;
    if (block.size > end - std::min(end, s_.at() + kZstdBlockHeader)) return;
    s_.skip(kZstdBlockHeader + block.size);
  }
  if (frame.checksum) s_.skip(std::min<uint64_t>(4, end - std::min(end, s_.at())));
}

void Scanner::loose_ptx() {
  Bytes b = s_.peek(kPtxHead);
  if (options_.loose)
    if (auto image = read_ptx(b.first(std::min(b.size(), kPtxHead))))
      found_.add_module(s_.at(), kMarkSize, {*image}, true);
  s_.skip(kMarkSize);
}

}  // namespace cufit::formats
