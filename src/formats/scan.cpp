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
  close_hole();
}

/// At most the next `n` bytes, none of them behind `end`; fewer only if the data end before.
Bytes Scanner::peek(uint64_t n, uint64_t end) {
  n = std::min({n, end - std::min(end, s_.at()), uint64_t{Stream::max_peek}});
  Bytes b = s_.peek(size_t(n));
  return b.first(std::min<size_t>(size_t(n), b.size()));
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
    return pass_over(b.first(last ? b.size() : b.size() - (kMarkSize - 1)));
  }
  pass_over(b.first(hit.at));
  switch (hit.mark) {
    case Mark::fatbin:
      return container(end);
    case Mark::wrapper:
      return wrapper(end);
    case Mark::elf:
      return loose_cubin(end);
    case Mark::zstd:
      return loose_zstd(end);
    case Mark::ptx:
      return loose_ptx(end);
  }
}

/// Passes over bytes that belong to no module.
void Scanner::pass_over(Bytes unknown) {
  if (options_.tiled && !hole_.content) {
    auto it = std::ranges::find_if(unknown, [](uint8_t c) { return c != 0; });
    if (it != unknown.end()) hole_.content = s_.at() + uint64_t(it - unknown.begin());
  }
  hole_.size += unknown.size();
  s_.skip(unknown.size());
}

/// What lies between modules of a fatbin section must be padding: zeroes, or up to seven bytes of anything.
void Scanner::close_hole() {
  if (options_.tiled && hole_.content && !hole_.explained && hole_.size >= kMarkSize)
    found_.add_gap(GapKind::not_a_container, *hole_.content);
  hole_ = {};
}

/// A module from `at` to where the stream stands.
void Scanner::add_module(uint64_t at, std::vector<Image> images, bool loose) {
  close_hole();
  found_.add_module(at, s_.at() - at, std::move(images), loose);
}

/// A gap that also says why the bytes around it are no module.
void Scanner::add_damage(GapKind kind, uint64_t at) {
  hole_.explained = true;
  found_.add_gap(kind, at);
}

void Scanner::container(uint64_t end) {
  uint64_t at = s_.at();
  Bytes b = peek(fatbin::kHeaderSize + fatbin::kEntrySize, end);
  uint64_t size = b.size() >= fatbin::kHeaderSize ? load_at<uint64_t>(b.data() + 8) : UINT64_MAX;
  uint64_t room = end - at;
  bool fits = size % 8 == 0 && size <= room - std::min(room, fatbin::kHeaderSize);
  if (!fits || (size > 0 && !fatbin::read_entry(b.subspan(fatbin::kHeaderSize), size))) {
    add_damage(GapKind::container_damaged, at);
    return pass_over_mark();
  }
  close_hole();
  s_.skip(fatbin::kHeaderSize);
  uint64_t stop = at + fatbin::kHeaderSize + size;
  std::vector<Image> images;
  bool whole = true;
  while (whole && s_.at() < stop) whole = entry(stop, images);
  if (images.size() > Found::kMaxImages) {
    found_.add_gap(GapKind::too_many, at);
    images.resize(Found::kMaxImages);
  }
  add_module(at, std::move(images), false);
  if (!whole) add_damage(s_.peek(1).empty() ? GapKind::truncated : GapKind::entry_damaged, s_.at());
}

/// Reads one entry and passes over it; false if there is none, or not all of it.
bool Scanner::entry(uint64_t end, std::vector<Image>& images) {
  uint64_t at = s_.at();
  // With the ELF header of machine code that is not packed: it costs nothing more.
  Bytes b = peek(2 * fatbin::kEntrySize + kElfHeader, end);
  auto e = fatbin::read_entry(b, end - at);
  if (!e) return false;
  Image image = e->image;
  if (image.kind == Kind::other)
    found_.add_gap(GapKind::unknown_kind, at, std::to_string(e->raw_kind));
  else if (image.kind == Kind::sass)
    look_into(*e, image);
  if (images.size() <= Found::kMaxImages) images.push_back(image);
  uint64_t next = at + e->header + e->payload;
  s_.skip(e->header + e->payload);
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
  Bytes b = peek(e.header + want, UINT64_MAX);
  if (b.size() <= e.header) return;
  Bytes payload = b.subspan(e.header);
  auto cubin = packed ? read_packed(image.packing, payload, whole ? e.unpacked : 0) : read_cubin(payload);
  if (!cubin) return;
  image.relocatable = cubin->image.relocatable;
  image.unresolved = cubin->image.unresolved;
  image.empty = cubin->complete && cubin->image.empty;
  note_toolkit(cubin->toolkit);
}

/// Unpacks `size` bytes of a cubin (0: only its head) and reads them, unless the same bytes were met before.
std::optional<Cubin> Scanner::read_packed(Packing packing, Bytes packed, uint64_t size) {
  if (auto* known = small_.find(packing, packed, size)) return *known;
  if (size > 0)
    unpack(packing, packed, size_t(size), scratch_);
  else
    unpack_head(packing, packed, scratch_);
  auto cubin = read_cubin(scratch_);
  small_.add(packing, packed, size, cubin);
  return cubin;
}

void Scanner::wrapper(uint64_t end) {
  Bytes b = peek(Wrapper::kSize, end);
  if (b.size() == Wrapper::kSize)
    found_.add_wrapper({s_.at(), load_at<uint32_t>(b.data() + 4), load_at<uint64_t>(b.data() + 8)});
  pass_over_mark();
}

/// A cubin without a container around it. Other ELF files inside a file are host code: passed over.
void Scanner::loose_cubin(uint64_t end) {
  uint64_t at = s_.at();
  auto size = options_.loose ? cubin_size(peek(kElfHeader, end)) : std::nullopt;
  if (!size) return pass_over_mark();
  if (*size > end - at || *size > kMaxLoose) {
    add_damage(GapKind::loose_too_large, at);
    return pass_over_mark();
  }
  auto cubin = read_cubin(peek(*size, end));
  if (!cubin) return pass_over_mark();
  note_toolkit(cubin->toolkit);
  s_.skip(*size);
  add_module(at, {cubin->image}, true);
}

/// A zstd frame whose content begins as a cubin: the first block tells.
void Scanner::loose_zstd(uint64_t end) {
  uint64_t at = s_.at();
  if (!options_.loose || unpackings_ >= kMaxUnpackings) return pass_over_mark();
  if (++unpackings_ == kMaxUnpackings) found_.add_gap(GapKind::too_many, at);
  // Its headers first: they say how much of the frame the first block is.
  Bytes head = peek(kZstdMaxHeader + kZstdBlockHeader, end);
  auto first = zstd_frame(head).header;
  auto block = zstd_block(head.subspan(std::min(first, head.size())));
  if (first == 0 || block.size == SIZE_MAX) return pass_over_mark();
  unpack_head(Packing::zstd, peek(first + kZstdBlockHeader + block.size, end), scratch_);
  auto cubin = read_cubin(scratch_);
  if (!cubin) return pass_over_mark();
  skip_zstd_frame(end);
  cubin->image.packing = Packing::zstd;
  note_toolkit(cubin->toolkit);
  add_module(at, {cubin->image}, true);
}

/// Hops from block to block, to the end of the frame or to where it is damaged.
void Scanner::skip_zstd_frame(uint64_t end) {
  auto frame = zstd_frame(peek(kZstdMaxHeader, end));
  s_.skip(frame.header);
  for (bool last = false; !last && s_.at() < end;) {
    auto block = zstd_block(peek(kZstdBlockHeader, end));
    last = block.last;
    if (block.size > end - std::min(end, s_.at() + kZstdBlockHeader)) return;
    s_.skip(kZstdBlockHeader + block.size);
  }
  if (frame.checksum) s_.skip(std::min<uint64_t>(4, end - std::min(end, s_.at())));
}

/// A PTX text whose `.target` line is all there.
void Scanner::loose_ptx(uint64_t end) {
  uint64_t at = s_.at();
  Bytes b = peek(kPtxHead, end);
  auto head = options_.loose ? read_ptx_head(b) : std::nullopt;
  if (!head || head->size == b.size()) return pass_over_mark();
  s_.skip(head->size);
  add_module(at, {head->image}, true);
}

}  // namespace cufit::formats
