#include "collect/convert.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace cufit::collect {
namespace {

using formats::GapKind;

Image convert(const formats::Image& i) {
  Image out;
  switch (i.kind) {
    case formats::Kind::sass:
      out.kind = Image::Kind::sass;
      break;
    case formats::Kind::ptx:
      out.kind = Image::Kind::ptx;
      break;
    case formats::Kind::lto:
      out.kind = Image::Kind::lto;
      break;
    case formats::Kind::other:
      out.kind = Image::Kind::other;
      break;
  }
  out.target = Sm::from_number(std::min<unsigned>(i.arch, 2559), i.suffix == 'a'   ? Sm::Suffix::a
                                                                 : i.suffix == 'f' ? Sm::Suffix::f
                                                                                   : Sm::Suffix::none);
  out.isa = {i.major, i.minor};
  out.packing = i.packing == formats::Packing::zstd  ? Packing::zstd
                : i.packing == formats::Packing::lz4 ? Packing::lz4
                                                     : Packing::none;
  out.debug = i.debug;
  out.empty = i.empty;
  out.relocatable = i.relocatable;
  out.unresolved = i.unresolved;
  return out;
}

/// The section that holds an offset. Sections of a damaged file may overlap: the first one in file order
/// counts, as in scan_ranges.
class SectionIndex {
 public:
  explicit SectionIndex(const formats::Elf* elf) {
    if (!elf) return;
    constexpr uint32_t kNoBits = 8;
    std::vector<const formats::ElfSection*> sections;
    for (const auto& s : elf->sections)
      if (s.type != kNoBits && s.size > 0) sections.push_back(&s);
    std::ranges::stable_sort(sections, {}, &formats::ElfSection::offset);
    uint64_t done = 0;
    for (const auto* s : sections) {
      uint64_t end = s->size > UINT64_MAX - s->offset ? UINT64_MAX : s->offset + s->size;
      if (end > done) parts_.push_back({std::max(s->offset, done), end, s});
      done = std::max(done, end);
    }
  }
  std::string name(uint64_t offset) const {
    auto it = std::ranges::upper_bound(parts_, offset, {}, &Part::begin);
    if (it == parts_.begin() || offset >= std::prev(it)->end) return {};
    return std::prev(it)->section->name;
  }

 private:
  struct Part {
    uint64_t begin, end;
    const formats::ElfSection* section;
  };
  std::vector<Part> parts_;  ///< ascending, not overlapping
};

/// Without sections, relocatable machine code tells the objects of a device link.
bool has_relocatable(const std::vector<Image>& images) {
  return std::ranges::any_of(images, &Image::relocatable);
}

using Key = std::tuple<ModuleShape::Link, std::vector<Image>, std::string>;

std::vector<ModuleShape> flatten(std::map<Key, std::pair<uint32_t, uint64_t>>&& shapes) {
  std::vector<ModuleShape> out;
  for (auto& [key, value] : shapes)
    out.push_back({std::get<1>(key), value.first, std::get<0>(key), std::get<2>(key), value.second});
  return out;
}

std::vector<Version> versions(const std::set<uint16_t>& toolkits) {
  std::vector<Version> out;
  for (auto t : toolkits)
    out.push_back(*Version::parse(std::to_string(t / 10) + '.' + std::to_string(t % 10)));
  return out;
}

}  // namespace

Text text_of(const formats::Gap& gap) {
  auto with = [&](const char* id, const char* parameter = nullptr) {
    Text t{id};
    if (parameter) t.args.emplace_back(parameter, gap.detail);
    return t;
  };
  switch (gap.kind) {
    case GapKind::entry_damaged:
      return with("gap.entry-damaged");
    case GapKind::container_damaged:
      return with("gap.container-damaged");
    case GapKind::not_a_container:
      return with("gap.not-a-container");
    case GapKind::unknown_kind:
      return with("gap.unknown-kind", "kind");
    case GapKind::too_many:
      return with("gap.too-many");
    case GapKind::loose_too_large:
      return with("gap.loose-too-large");
    case GapKind::offloading:
      return with("gap.offloading");
    case GapKind::sections_damaged:
      return with("gap.sections-damaged");
    case GapKind::segments_damaged:
      return with("gap.segments-damaged");
    case GapKind::elf_class:
      return with("gap.elf-class");
    case GapKind::elf_endian:
      return with("gap.elf-endian");
    case GapKind::truncated:
      return with("gap.truncated");
    case GapKind::read_error:
      return with("gap.read-error", "error");
    case GapKind::thin_archive:
      return with("gap.thin-archive");
    case GapKind::archive_damaged:
      return with("gap.archive-damaged", "error");
    case GapKind::member_damaged:
      return with("gap.member-damaged", "error");
    case GapKind::member_method:
      return with("gap.member-method", "error");
    case GapKind::member_encrypted:
      return with("gap.member-encrypted");
    case GapKind::zip_damaged:
      return with("gap.zip-damaged", "error");
    case GapKind::windows_binary:
      return with("gap.windows-binary");
    case GapKind::archive_inside:
      return with("gap.archive-inside");
  }
  return with("gap.read-error", "error");
}

void set_contents(Binary& binary, const formats::Found& found, const formats::Elf* elf,
                  const std::set<uint64_t>& linked) {
  SectionIndex sections(elf);
  std::map<formats::ShapeId, std::vector<Image>> converted;
  std::map<Key, std::pair<uint32_t, uint64_t>> shapes;
  for (const auto& m : found.modules()) {
    auto [it, fresh] = converted.try_emplace(m.shape);
    if (fresh) {
      std::ranges::transform(found.shape(m.shape), std::back_inserter(it->second), convert);
    }
    std::string section = sections.name(m.at);
    auto link = ModuleShape::Link::whole;
    if (m.loose)
      link = ModuleShape::Link::loose;
    else if (linked.contains(m.at))
      link = ModuleShape::Link::device_link;
    else if (section == "__nv_relfatbin" || (section.empty() && elf && has_relocatable(it->second)))
      link = ModuleShape::Link::rdc_object;
    auto& [count, example] = shapes[{link, it->second, section}];
    if (count == 0 || m.at < example) example = m.at;
    count++;
  }
  binary.shapes = flatten(std::move(shapes));
  binary.toolkits = versions(found.toolkits());
  auto add = [&](const formats::Gap& g) { binary.unread.push_back({binary.path, g.at, text_of(g)}); };
  if (elf) std::ranges::for_each(elf->gaps, add);
  std::ranges::for_each(found.gaps(), add);
  if (found.gaps_dropped())
    binary.unread.push_back(
        {binary.path, {}, {"gap.more", {{"count", std::to_string(found.gaps_dropped())}}}});
}

void add_members(Binary& archive, const std::vector<ArchiveMember>& members) {
  constexpr size_t kMaxGaps = 1000;
  std::map<Key, std::pair<uint32_t, uint64_t>> shapes;
  std::set<Version> toolkits;
  uint64_t dropped = 0;
  for (const auto& [binary, base] : members) {
    for (const auto& s : binary.shapes) {
      auto [it, fresh] = shapes.try_emplace({s.link, s.images, s.section}, s.count, s.example + base);
      if (!fresh) it->second.first += s.count;
    }
    toolkits.insert(binary.toolkits.begin(), binary.toolkits.end());
    for (auto gap : binary.unread) {
      if (archive.unread.size() == kMaxGaps) {
        dropped++;
        continue;
      }
      if (gap.offset) *gap.offset += base;
      archive.unread.push_back(std::move(gap));
    }
    if (archive.arch.empty()) archive.arch = binary.arch;
  }
  archive.shapes = flatten(std::move(shapes));
  archive.toolkits.assign(toolkits.begin(), toolkits.end());
  if (dropped)
    archive.unread.push_back({archive.path, {}, {"gap.more", {{"count", std::to_string(dropped)}}}});
}

}  // namespace cufit::collect
