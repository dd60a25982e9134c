#include "collect/binary.h"

#include <algorithm>
#include <semaphore>

#include "base/parallel.h"
#include "collect/architecture.h"
#include "collect/convert.h"
#include "collect/retained.h"
#include "formats/ar.h"
#include "formats/cubin.h"
#include "formats/elf.h"
#include "formats/ptx.h"
#include "formats/scan.h"
#include "formats/zip.h"
#include "model/hidden_code.h"
#include "model/load.h"

namespace cufit::collect {
namespace {

using formats::Elf;
using formats::Found;
using formats::Gap;
using formats::GapKind;
using formats::Scanner;

void set_elf(Binary& b, const Elf& elf) {
  b.format = Binary::Format::elf;
  b.arch = architecture(elf.machine);
  b.build_id = elf.build_id;
  b.dyn = {elf.soname, elf.rpath, elf.runpath, elf.needed};
}

/// What the section table tells of a cut-off file says nothing more.
void tell_cut_off(Binary& b, const Elf& elf) {
  auto cut = cut_off(b.size, elf.whole_size, b.arch);
  if (!cut) return;
  std::erase_if(b.unread, [](auto& gap) { return gap.what.id == "gap.sections-damaged"; });
  b.unread.push_back({b.path,
                      b.size,
                      {cut->kills ? gap_cut_off : gap_end_missing,
                       {{"size", std::to_string(cut->size)}, {"whole", std::to_string(cut->whole)}}}});
}

Binary binary_of(const std::string& path, uint64_t size, Binary::Format format, const Options& options) {
  Binary b;
  b.path = path;
  b.size = size;
  b.format = format;
  b.pass = options.pass;
  return b;
}

Binary only_gap(Binary b, const Gap& gap) {
  b.unread.push_back({b.path, gap.at, text_of(gap)});
  return b;
}

void add_read_error(Found& found, const Error* error, GapKind kind) {
  if (error) found.add_gap(kind, error->offset.value_or(0), error->message);
}

/// Bytes that can be read in any order: a part of a file, or of memory if `file` is null.
struct Place {
  const File* file = nullptr;
  Bytes memory = {};
  uint64_t offset = 0, size = 0;

  Place part(uint64_t at, uint64_t n) const { return {file, memory, offset + at, n}; }
  std::unique_ptr<Stream> stream() const {
    if (file) return std::make_unique<FileStream>(*file, offset, size);
    return std::make_unique<MemoryStream>(slice(memory, offset, size).value_or(Bytes{}));
  }
  std::unique_ptr<RandomBytes> bytes() const {
    if (file) return std::make_unique<FileBytes>(*file, offset, size);
    return std::make_unique<MemoryBytes>(slice(memory, offset, size).value_or(Bytes{}));
  }
};

/// Threads for a file of that size: starting one costs more than scanning a megabyte.
unsigned threads_for(uint64_t size) { return size < 1 << 20 ? 1 : 0; }

Binary read_elf_file(const Place& place, Binary out, const Options& options) {
  auto bytes = place.bytes();
  auto elf = formats::read_elf(*bytes);
  if (!elf) return only_gap(std::move(out), elf.error());
  set_elf(out, *elf);

  auto ranges = formats::scan_ranges(*elf, place.size, options.pass == Pass::usual);
  std::vector<Found> parts(ranges.size());
  std::vector<size_t> order(ranges.size());
  for (size_t i = 0; i < order.size(); i++) order[i] = i;
  std::ranges::sort(order, std::greater{}, [&](size_t i) { return ranges[i].size; });
  parallel_for(
      ranges.size(),
      [&](size_t k) {
        const auto& r = ranges[order[k]];
        auto stream = place.part(r.offset, r.size).stream();
        Scanner(*stream, {.tiled = r.tiled, .loose = options.pass == Pass::full}, parts[order[k]])
            .scan(r.size);
        add_read_error(parts[order[k]], stream->error(), GapKind::read_error);
      },
      threads_for(place.size));
  Found all;
  for (size_t i = 0; i < parts.size(); i++) all.merge(parts[i], ranges[i].offset);
  set_contents(out, all, &*elf, formats::device_linked(*elf, *bytes, all.wrappers()));
  tell_cut_off(out, *elf);
  return out;
}

/// Scans one run of bytes without structure: a fatbin file, a cubin, a PTX text.
Binary read_plain(Stream& stream, Binary out) {
  Found found;
  Scanner(stream, {.tiled = out.format == Binary::Format::fatbin, .loose = true, .all_heads = true}, found)
      .scan(out.size);
  add_read_error(found, stream.error(), GapKind::read_error);
  set_contents(out, found, nullptr, {});
  return out;
}

Bytes head_of(Stream& stream) {
  Bytes b = stream.peek(kHeadSize);
  return b.first(std::min(b.size(), kHeadSize));
}

Binary read_ptx_text(Stream& stream, Binary out) {
  Found found;
  if (auto image = formats::read_ptx(head_of(stream))) found.add_module(0, out.size, {*image}, true);
  set_contents(out, found, nullptr, {});
  return out;
}

/// Bytes of no kind that holds GPU code, unless they could not be read: then nobody knows what they are.
std::optional<Binary> nothing_unless(const Error* error, GapKind kind, Binary start) {
  if (!error) return std::nullopt;
  return only_gap(std::move(start), {kind, error->offset.value_or(0), error->message});
}

bool is_cubin(Bytes head) { return formats::cubin_size(head).has_value(); }

enum class Inside { nothing, archive };
std::optional<Binary> read_place(const Place& place, const std::string& path, const Options& options,
                                 Inside inside = Inside::nothing);

Binary read_archive(const Place& place, Binary out, const Options& options) {
  auto bytes = place.bytes();
  auto list = formats::ar::read(*bytes);
  if (!list)
    return only_gap(std::move(out),
                    {GapKind::archive_damaged, list.error().offset.value_or(0), list.error().message});
  if (list->thin) return only_gap(std::move(out), {GapKind::thin_archive, 0});
  std::vector<std::optional<Binary>> members(list->members.size());
  parallel_for(
      members.size(),
      [&](size_t i) {
        const auto& m = list->members[i];
        members[i] =
            read_place(place.part(m.offset, m.size), out.path + '!' + m.name, options, Inside::archive);
      },
      threads_for(place.size));
  std::vector<ArchiveMember> found;
  for (size_t i = 0; i < members.size(); i++)
    if (members[i]) found.push_back({std::move(*members[i]), list->members[i].offset});
  add_members(out, found);
  if (list->damage)
    out = only_gap(std::move(out),
                   {GapKind::archive_damaged, list->damage->offset.value_or(0), list->damage->message});
  return out;
}

std::optional<Binary> read_place(const Place& place, const std::string& path, const Options& options,
                                 Inside inside) {
  auto opened = place.stream();
  Stream& stream = *opened;
  Bytes head = head_of(stream);
  auto start = [&](Binary::Format format) { return binary_of(path, place.size, format, options); };
  switch (kind_of(head)) {
    case FileKind::elf:
      if (is_cubin(head)) return read_plain(stream, start(Binary::Format::cubin));
      return read_elf_file(place, start(Binary::Format::elf), options);
    case FileKind::fatbin:
      return read_plain(stream, start(Binary::Format::fatbin));
    case FileKind::zstd: {
      auto b = read_plain(stream, start(Binary::Format::cubin));
      if (b.shapes.empty()) return std::nullopt;
      return b;
    }
    case FileKind::ptx:
      return read_ptx_text(stream, start(Binary::Format::ptx));
    case FileKind::archive:
    case FileKind::thin_archive:
      // No linker looks into them, and a file of archives in archives must not exhaust the stack.
      if (inside == Inside::archive)
        return only_gap(start(Binary::Format::archive),
                        {GapKind::archive_damaged, 0, "an archive inside of an archive is not read"});
      return read_archive(place, start(Binary::Format::archive), options);
    case FileKind::pe:
      return only_gap(start(Binary::Format::elf), {GapKind::windows_binary, 0});
    case FileKind::zip:
    case FileKind::other:
      break;
  }
  return nothing_unless(stream.error(), GapKind::read_error, start(Binary::Format::elf));
}

// --- Data that only come forward ---

/// What comes only forward is kept in part (Retained) or whole (archives), some tens of megabytes each: no
/// more than two at a time, whoever asks, so that memory stays bounded on machines with many cores.
class StreamTurn {
 public:
  StreamTurn() { free_.acquire(); }
  ~StreamTurn() { free_.release(); }
  StreamTurn(const StreamTurn&) = delete;
  StreamTurn& operator=(const StreamTurn&) = delete;

 private:
  static inline std::counting_semaphore<2> free_{2};
};

/// Larger archives are not taken into memory.
constexpr uint64_t kMaxArchive = uint64_t{64} << 20;

/// A static library that only comes forward. Its members are read in any order, so it is kept whole; those in
/// wheels have at most some tens of megabytes.
Binary read_archive_stream(Stream& stream, Binary out, const Options& options) {
  if (out.size > kMaxArchive)
    return only_gap(std::move(out),
                    {GapKind::member_method, 0,
                     "a deflated static library of more than 64 MiB is not taken into memory"});
  std::vector<uint8_t> all;
  all.reserve(size_t(out.size));
  for (Bytes b; !(b = stream.peek(1)).empty(); stream.skip(b.size()))
    all.insert(all.end(), b.begin(), b.end());
  if (const Error* e = stream.error())
    return only_gap(std::move(out), {GapKind::member_damaged, e->offset.value_or(0), e->message});
  return read_archive({nullptr, all, 0, all.size()}, std::move(out), options);
}

using Open = std::function<std::unique_ptr<Stream>()>;

/// Whether a scan of the whole file, section table unseen, gave what a scan section by section gives. Not so
/// if a module lies outside of the ranges or crosses their bounds, if something was damaged, or if a fatbin
/// section has holes, in which something else may lie.
bool settles(const Found& whole, const std::vector<formats::ScanRange>& ranges) {
  if (whole.gaps_dropped() ||
      std::ranges::any_of(whole.gaps(), [](const Gap& g) { return g.kind != GapKind::unknown_kind; }))
    return false;
  auto modules = whole.modules();
  std::ranges::sort(modules, {}, &formats::Module::at);
  auto m = modules.begin();
  for (const auto& r : ranges) {
    if (m != modules.end() && m->at < r.offset) return false;
    uint64_t end = r.offset + r.size, done = r.offset;
    for (; m != modules.end() && m->at < end; ++m) {
      // Loose code that ends with the range: with the range as its limit a reader may judge it otherwise.
      if (m->size > end - m->at || (m->loose && m->size == end - m->at)) return false;
      if (r.tiled && m->at - std::min(m->at, done) >= formats::kMarkSize) return false;
      done = m->at + m->size;
    }
    if (r.tiled && end - std::min(end, done) >= formats::kMarkSize) return false;
  }
  return m == modules.end();
}

/// The part of a whole-file scan that lies in the ranges.
Found within(const Found& whole, const std::vector<formats::ScanRange>& ranges) {
  Found out;
  auto inside = [&](uint64_t at, uint64_t size = 1) {
    auto it = std::ranges::upper_bound(ranges, at, {}, &formats::ScanRange::offset);
    if (it == ranges.begin()) return false;
    --it;
    return at - it->offset < it->size && size <= it->size - (at - it->offset);
  };
  for (const auto& m : whole.modules())
    if (inside(m.at)) out.add_module(m.at, m.size, whole.shape(m.shape), m.loose);
  for (const auto& w : whole.wrappers())
    if (inside(w.at, formats::Wrapper::kSize)) out.add_wrapper(w);
  for (const auto& g : whole.gaps())
    if (inside(g.at)) out.add_gap(g.kind, g.at, g.detail);
  for (auto t : whole.toolkits()) out.add_toolkit(t);
  return out;
}

/// What the head of an ELF file says that will be needed: dynamic segment, notes, section table. The names of
/// the sections lie next to their table; patchelf puts new segments behind both, so neither need be near the
/// end.
std::vector<Range> named_by_head(Bytes head) {
  constexpr uint64_t kNames = 64 << 10;
  std::vector<Range> ranges;
  MemoryBytes bytes(head);
  if (auto elf = formats::read_elf(bytes))
    for (const auto& s : elf->segments)
      if (s.type == 2 || s.type == 4) ranges.push_back({s.offset, std::min<uint64_t>(s.size, 1 << 20)});
  auto table = load<uint64_t>(head, 40);
  auto sections = load<uint16_t>(head, 60);
  if (table && sections) {
    uint64_t before = std::min(*table, kNames);
    ranges.push_back({*table - before, before + 64 * uint64_t{*sections} + kNames});
  }
  return ranges;
}

/// One pass over the member: scans the given ranges, or everything where they are not known yet.
Found scan_stream(RetainingStream& stream, uint64_t size, const std::vector<formats::ScanRange>* ranges,
                  bool loose) {
  Found found;
  if (!ranges) {
    Scanner(stream, {.loose = loose}, found).scan(size);
    return found;
  }
  for (const auto& r : *ranges) {
    if (r.offset > stream.at()) stream.skip(r.offset - stream.at());
    Scanner(stream, {.tiled = r.tiled, .loose = loose}, found).scan(r.offset + r.size);
  }
  if (size > stream.at()) stream.skip(size - stream.at());
  return found;
}

Binary read_elf_stream(const Open& open, Binary out, const Options& options) {
  // One for files as linkers write them. Each more knows what the one before missed: the first section
  // header, the table, its names; then the ranges, and relocations for the wrappers in them.
  constexpr int kPasses = 8;
  bool usual = options.pass == Pass::usual;
  std::vector<Range> keep;
  std::optional<std::vector<formats::ScanRange>> ranges;
  for (int pass = 1;; pass++) {
    auto inner = open();
    if (pass == 1) keep = named_by_head(inner->peek(64 << 10));
    Retained kept(out.size, options.keep, keep);
    RetainingStream stream(*inner, kept, options.progress && pass == 1 ? &options.progress->done : nullptr);
    Found found = scan_stream(stream, out.size, ranges ? &*ranges : nullptr, !usual);
    auto elf = formats::read_elf(kept);
    if (!elf) {
      if (const Error* e = stream.error())
        return only_gap(std::move(out), {GapKind::member_damaged, e->offset.value_or(0), e->message});
      return only_gap(std::move(out), elf.error());
    }
    auto wanted = formats::scan_ranges(*elf, out.size, usual);
    bool settled = ranges || (!usual && settles(found, wanted));
    if (!ranges) found = within(found, wanted);
    auto linked = formats::device_linked(*elf, kept, found.wrappers());
    bool known = kept.missed().empty();
    if (pass < kPasses && !stream.error() && !(known && settled)) {
      keep.insert(keep.end(), kept.missed().begin(), kept.missed().end());
      if (!settled && known) ranges = wanted;
      continue;
    }
    set_elf(out, *elf);
    add_read_error(found, stream.error(), GapKind::member_damaged);
    set_contents(out, found, &*elf, linked);
    tell_cut_off(out, *elf);
    return out;
  }
}

/// A Windows program or library: "MZ", and "PE" where offset 0x3c points to.
bool is_pe(Bytes head) {
  if (!as_text(head).starts_with("MZ")) return false;
  auto at = load<uint32_t>(head, 0x3c);
  return at && load<uint32_t>(head, *at) == 0x00004550u;
}

}  // namespace

FileKind kind_of(Bytes head) {
  if (formats::is_elf(head)) return FileKind::elf;
  if (load<uint32_t>(head, 0) == formats::fatbin::kMagic) return FileKind::fatbin;
  if (as_text(head).starts_with("!<arch>\n")) return FileKind::archive;
  if (as_text(head).starts_with("!<thin>\n")) return FileKind::thin_archive;
  if (formats::zip::begins_like_zip(head)) return FileKind::zip;
  if (load<uint32_t>(head, 0) == 0xFD2FB528u) return FileKind::zstd;
  if (is_pe(head)) return FileKind::pe;
  if (formats::read_ptx(head)) return FileKind::ptx;
  return FileKind::other;
}

FileKind kind_of_file(const File& file) {
  FileStream s(file);
  return kind_of(s.peek(kHeadSize));
}

std::optional<Binary> read_binary(const File& file, const Options& options) {
  return read_binary(file, 0, file.size(), options);
}

std::optional<Binary> read_binary(const File& file, uint64_t offset, uint64_t size, const Options& options) {
  auto b = read_place({&file, {}, offset, size}, file.path(), options);
  if (options.progress) options.progress->done += size;
  return b;
}

std::optional<Binary> read_binary(const Open& open, uint64_t size, const Options& options) {
  StreamTurn turn;
  auto stream = open();
  Bytes head = head_of(*stream);
  auto start = [&](Binary::Format format) { return binary_of("", size, format, options); };
  switch (kind_of(head)) {
    case FileKind::elf:
      if (!is_cubin(head)) return read_elf_stream(open, start(Binary::Format::elf), options);
      return read_plain(*stream, start(Binary::Format::cubin));
    case FileKind::fatbin:
      return read_plain(*stream, start(Binary::Format::fatbin));
    case FileKind::archive:
    case FileKind::thin_archive:
      return read_archive_stream(*stream, start(Binary::Format::archive), options);
    case FileKind::ptx:
      return read_ptx_text(*stream, start(Binary::Format::ptx));
    case FileKind::zstd: {
      auto b = read_plain(*stream, start(Binary::Format::cubin));
      if (b.shapes.empty()) return std::nullopt;
      return b;
    }
    case FileKind::pe:
      return only_gap(start(Binary::Format::elf), {GapKind::windows_binary, 0});
    default:
      return nothing_unless(stream->error(), GapKind::member_damaged, start(Binary::Format::elf));
  }
}

}  // namespace cufit::collect
