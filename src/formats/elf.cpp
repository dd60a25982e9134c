#include "formats/elf.h"

#include <algorithm>
#include <map>

#include "base/number.h"
#include "formats/elf_parts.h"

namespace cufit::formats {
namespace {

constexpr uint32_t kNull = 0, kProgBits = 1, kStrTab = 3, kNoBits = 8;  // sh_type
constexpr uint64_t kAlloc = 2, kExec = 4;                               // sh_flags
constexpr uint32_t kLoad = 1, kNote = 4;                                // p_type
constexpr uint32_t kOffloading = 0x6fff4c0b;                            // SHT_LLVM_OFFLOADING
constexpr uint32_t kX86Relative = 8, kAarch64Relative = 1027;
constexpr size_t kMaxSections = 1 << 18;
constexpr uint64_t kMaxNames = 16 << 20, kMaxRelocations = 48 << 20;  // bytes

/// Section headers: count and name table come from section 0 where 16 bits do not suffice.
struct Table {
  uint64_t offset = 0, count = 0, names = 0;
};

std::optional<Table> section_table(const uint8_t* header, RandomBytes& file) {
  Table t{load_at<uint64_t>(header + 40), load_at<uint16_t>(header + 60), load_at<uint16_t>(header + 62)};
  if (t.offset == 0) return Table{};  // stripped of its sections: legal
  if (load_at<uint16_t>(header + 58) != 64) return std::nullopt;
  if (t.count == 0 || t.names == 0xffff) {
    auto first = file.view(t.offset, 64);
    if (!first) return std::nullopt;
    if (t.count == 0) t.count = load_at<uint64_t>(first->data() + 32);
    if (t.names == 0xffff) t.names = load_at<uint32_t>(first->data() + 40);
  }
  if (t.count > kMaxSections || t.names >= t.count) return std::nullopt;
  return t;
}

bool read_sections(const uint8_t* header, RandomBytes& file, std::vector<ElfSection>& out) {
  auto table = section_table(header, file);
  if (!table) return false;
  if (table->count == 0) return true;
  auto raw = file.view(table->offset, 64 * table->count);
  if (!raw) return false;
  std::vector<uint8_t> headers(raw->begin(), raw->end());
  const uint8_t* n = headers.data() + 64 * table->names;
  uint64_t size = load_at<uint64_t>(n + 32);
  auto names = size <= kMaxNames ? file.view(load_at<uint64_t>(n + 24), size) : std::nullopt;
  if (!names || load_at<uint32_t>(n + 4) != kStrTab) return false;
  for (uint64_t i = 0; i < table->count; i++) {
    const uint8_t* h = headers.data() + 64 * i;
    out.push_back({std::string(text_at(*names, load_at<uint32_t>(h)).substr(0, kMaxName)),
                   load_at<uint32_t>(h + 4), load_at<uint64_t>(h + 8), load_at<uint64_t>(h + 16),
                   load_at<uint64_t>(h + 24), load_at<uint64_t>(h + 32)});
  }
  return true;
}

void read_dynamic(Elf& elf, RandomBytes& file) {
  auto entries = dynamic_entries(elf.segments, file);
  auto table = first(entries, tag::kStrTab);
  auto strings = table ? elf.offset_of(*table) : std::nullopt;
  if (!strings) return;
  auto text = [&](uint64_t at) -> std::optional<std::string> {
    if (at > file.size() || *strings > file.size() - at) return std::nullopt;
    uint64_t off = *strings + at;
    auto raw = file.view(off, std::min<uint64_t>(kMaxName, file.size() - off));
    if (!raw) return std::nullopt;
    return std::string(text_at(*raw, 0));
  };
  auto one = [&](uint64_t which) {
    auto at = first(entries, which);
    return at ? text(*at) : std::nullopt;
  };
  elf.soname = one(tag::kSoname);
  elf.rpath = one(tag::kRpath);
  elf.runpath = one(tag::kRunpath);
  auto [begin, end] = entries.equal_range(tag::kNeeded);
  for (auto it = begin; it != end && elf.needed.size() < kMaxNeeded; ++it)
    if (auto name = text(it->second)) elf.needed.push_back(std::move(*name));
}

/// The GNU build id (note type 3) out of the note segments.
std::string read_build_id(const Elf& elf, RandomBytes& file) {
  for (const auto& s : elf.segments) {
    if (s.type != kNote) continue;
    auto raw = file.view(s.offset, std::min<uint64_t>(s.size, 64 << 10));
    std::string id;
    for_each_note(raw.value_or(Bytes{}), [&](uint32_t type, std::string_view name, Bytes description) {
      if (id.empty() && type == 3 && name.starts_with("GNU"))
        for (uint8_t c : description) id += in_base(c, 16, 2);
    });
    if (!id.empty()) return id;
  }
  return {};
}

bool holds_fatbins(const ElfSection& s) { return s.name == ".nv_fatbin" || s.name == "__nv_relfatbin"; }

/// Sections of program data. Code, symbols, strings, relocations and debug information hold no GPU code, but
/// a section whose name NVIDIA's tools give is read whatever its flags say.
bool may_hold_code(const ElfSection& s) {
  if (s.type == kNoBits || s.type == kNull || s.size == 0) return false;
  if (holds_fatbins(s) || s.name == ".cask_resource" || s.name == ".nvFatBinSegment") return true;
  if (s.type != kProgBits || !(s.flags & kAlloc) || (s.flags & kExec)) return false;
  return s.name != ".eh_frame" && s.name != ".eh_frame_hdr" && s.name != ".gcc_except_table" &&
         s.name != ".interp";
}

}  // namespace

std::optional<uint64_t> Elf::offset_of(uint64_t address) const {
  return formats::offset_of(segments, address);
}

bool is_elf(Bytes head) { return load<uint32_t>(head, 0) == 0x464c457fu; }

std::expected<Elf, Gap> read_elf(RandomBytes& file) {
  auto raw = file.view(0, 64);
  if (!raw || !is_elf(*raw)) {
    // The first 20 bytes are the same in both classes: say what is wrong rather than "too short".
    auto ident = file.view(0, 20);
    if (ident && (*ident)[4] == 1) return std::unexpected(Gap{GapKind::elf_class, 4});
    return std::unexpected(Gap{GapKind::truncated, file.size(), "64"});
  }
  uint8_t header[64];
  std::ranges::copy(*raw, header);
  if (header[4] != 2) return std::unexpected(Gap{GapKind::elf_class, 4});
  if (header[5] != 1) return std::unexpected(Gap{GapKind::elf_endian, 5});

  Elf elf;
  elf.type = load_at<uint16_t>(header + 16);
  elf.machine = load_at<uint16_t>(header + 18);
  if (!read_sections(header, file, elf.sections)) {
    elf.sections.clear();
    elf.gaps.push_back({GapKind::sections_damaged, load_at<uint64_t>(header + 40)});
  }
  if (!read_segments(header, file, elf.segments))
    elf.gaps.push_back({GapKind::segments_damaged, load_at<uint64_t>(header + 32)});
  elf.whole_size = whole_size(elf.segments, file.size());
  for (const auto& s : elf.sections)
    if (s.type == kOffloading || s.name == ".llvm.offloading")
      elf.gaps.push_back({GapKind::offloading, s.offset});
  read_dynamic(elf, file);
  elf.build_id = read_build_id(elf, file);
  return elf;
}

std::vector<ScanRange> scan_ranges(const Elf& elf, uint64_t file_size, bool usual_only) {
  std::vector<ScanRange> ranges;
  for (const auto& s : elf.sections)
    if (usual_only ? holds_fatbins(s) && s.type != kNoBits : may_hold_code(s))
      ranges.push_back({s.offset, s.size, s.name, holds_fatbins(s)});
  if (elf.sections.empty()) ranges.push_back({0, file_size, "", false});
  std::ranges::stable_sort(ranges, {}, &ScanRange::offset);
  // Sections of a sound file do not overlap; in a damaged one every byte is still read only once.
  uint64_t done = 0;
  for (auto& r : ranges) {
    uint64_t end = r.size > file_size - std::min(r.offset, file_size) ? file_size : r.offset + r.size;
    r.offset = std::max(r.offset, done);
    r.size = end > r.offset ? end - r.offset : 0;
    done = std::max(done, end);
  }
  std::erase_if(ranges, [](const ScanRange& r) { return r.size == 0; });
  return ranges;
}

std::set<uint64_t> device_linked(const Elf& elf, RandomBytes& file, const std::vector<Wrapper>& wrappers) {
  std::set<uint64_t> containers;
  std::map<uint64_t, uint64_t>
      slots;  // address of a container address that a relocation brings -> its file offset
  for (const auto& w : wrappers) {
    if (w.version != 2) continue;
    if (auto at = w.data ? elf.offset_of(w.data) : std::nullopt) {
      containers.insert(*at);
      continue;
    }
    for (const auto& s : elf.segments)
      if (s.type == kLoad && w.at >= s.offset && w.at - s.offset < s.size)
        slots[s.address + (w.at - s.offset) + 8] = w.at;
  }
  if (slots.empty()) return containers;
  // lld leaves the slot zero: the address stands only in the addend of the RELATIVE relocation.
  auto entries = dynamic_entries(elf.segments, file);
  auto rela = first(entries, tag::kRela), size = first(entries, tag::kRelaSz);
  auto offset = rela ? elf.offset_of(*rela) : std::nullopt;
  constexpr uint64_t kEntry = 24, kChunk = kEntry * 16384;
  uint64_t end =
      offset && size ? std::min({*size, file.size() - std::min(*offset, file.size()), kMaxRelocations}) : 0;
  for (uint64_t done = 0; done < end; done += kChunk) {
    auto raw = file.view(*offset + done, std::min(kChunk, end - done));
    if (!raw) continue;  // a stream keeps what was asked for: ask for all of it
    for (size_t i = 0; i + kEntry <= raw->size(); i += kEntry) {
      const uint8_t* r = raw->data() + i;
      uint32_t type = load_at<uint32_t>(r + 8);
      if ((type == kX86Relative || type == kAarch64Relative) && slots.contains(load_at<uint64_t>(r)))
        if (auto at = elf.offset_of(load_at<uint64_t>(r + 16))) containers.insert(*at);
    }
  }
  return containers;
}

}  // namespace cufit::formats
