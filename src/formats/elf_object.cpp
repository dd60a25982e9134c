#include "formats/elf_object.h"

#include <algorithm>
#include <cstring>

#include "formats/elf_parts.h"

namespace cufit::formats {
namespace {

constexpr uint32_t kLoad = 1, kDynamicSegment = 2, kInterp = 3;  // p_type
constexpr uint64_t kNoDefLib = 0x800, kPie = 0x8000000;          // DT_FLAGS_1
constexpr uint16_t kWeak = 2;                                    // vna_flags
constexpr uint64_t kMaxVersions = 10'000;                        // of one object; libc.so.6 has about 40
constexpr uint64_t kMaxText = 4 << 20;                           // bytes of all names of one object

/// Strings of the dynamic section. Small tables, the usual case, are read once; in one of megabytes (C++
/// libraries) only what is asked for.
class Strings {
 public:
  Strings(RandomBytes& file, uint64_t offset, uint64_t size) : file_(file), offset_(offset), size_(size) {
    constexpr uint64_t kSmall = 64 << 10;
    if (size > kSmall) return;
    if (auto all = file.view(offset, size)) table_.assign(all->begin(), all->end());
  }

  /// Nothing if it does not lie in the table, or if more was read of it than any sound file asks for.
  std::optional<std::string> at(uint64_t where) {
    auto text = read(where);
    if (text) given_ += text->size();
    return given_ > kMaxText ? std::nullopt : text;
  }

 private:
  std::optional<std::string> read(uint64_t where) const {
    if (where >= size_) return std::nullopt;
    if (!table_.empty()) return std::string(text_at(table_, where).substr(0, kMaxName));
    for (uint64_t n : {uint64_t{256}, uint64_t{kMaxName}}) {
      auto raw = file_.view(offset_ + where, std::min(n, size_ - where));
      if (!raw) return std::nullopt;
      auto text = text_at(*raw, 0);
      if (text.size() < raw->size() || n == kMaxName) return std::string(text);
    }
    return std::nullopt;
  }

  RandomBytes& file_;
  uint64_t offset_, size_, given_ = 0;
  std::vector<uint8_t> table_;
};

/// A chain of records, each of which says how far the next one is. `read` gets the offset of one and gives
/// that step; 0 ends it.
template <class Read>
void follow_chain(std::optional<uint64_t> at, uint64_t count, Read read) {
  for (uint64_t i = 0; at && i < std::min(count, kMaxVersions); i++) {
    uint32_t step = read(*at);
    if (step == 0 || *at + step < *at) break;
    *at += step;
  }
}

std::vector<ElfVersionNeed> version_needs(RandomBytes& file, Strings& strings, std::optional<uint64_t> at,
                                          uint64_t count) {
  std::vector<ElfVersionNeed> needs;
  uint64_t left = kMaxVersions;
  // Elfxx_Verneed: version, count of names, file name, offset of the names, step. 16 bytes.
  follow_chain(at, count, [&](uint64_t need) -> uint32_t {
    auto raw = file.view(need, 16);
    if (!raw) return 0;
    uint16_t names = load_at<uint16_t>(raw->data() + 2);
    uint32_t library = load_at<uint32_t>(raw->data() + 4), first = load_at<uint32_t>(raw->data() + 8),
             step = load_at<uint32_t>(raw->data() + 12);
    ElfVersionNeed one{strings.at(library).value_or(""), {}};
    // Elfxx_Vernaux: hash, flags, index, name, step. 16 bytes.
    follow_chain(need + first, std::min<uint64_t>(names, left), [&](uint64_t aux) -> uint32_t {
      auto a = file.view(aux, 16);
      if (!a) return 0;
      left--;
      uint16_t flags = load_at<uint16_t>(a->data() + 4);
      uint32_t name = load_at<uint32_t>(a->data() + 8), next = load_at<uint32_t>(a->data() + 12);
      if (!(flags & kWeak))
        if (auto version = strings.at(name)) one.versions.push_back(std::move(*version));
      return next;
    });
    if (!one.library.empty() && !one.versions.empty()) needs.push_back(std::move(one));
    return step;
  });
  return needs;
}

std::vector<std::string> version_definitions(RandomBytes& file, Strings& strings, std::optional<uint64_t> at,
                                             uint64_t count) {
  std::vector<std::string> names;
  // Elfxx_Verdef: version, flags, index, count, hash, offset of the names, step. 20 bytes. The first name of
  // a definition is its own, the others are those that it continues.
  follow_chain(at, count, [&](uint64_t definition) -> uint32_t {
    auto raw = file.view(definition, 20);
    if (!raw) return 0;
    uint32_t aux = load_at<uint32_t>(raw->data() + 12), step = load_at<uint32_t>(raw->data() + 16);
    if (auto a = file.view(definition + aux, 8))
      if (auto name = strings.at(load_at<uint32_t>(a->data()))) names.push_back(std::move(*name));
    return step;
  });
  return names;
}

void read_dynamic(ElfObject& object, const std::vector<ElfSegment>& segments, RandomBytes& file) {
  auto list = dynamic_list(segments, file);
  DynamicEntries entries(list.begin(), list.end());
  uint64_t flags = first(entries, tag::kFlags1).value_or(0);
  object.nodeflib = flags & kNoDefLib;
  object.pie = flags & kPie;
  auto place = [&](uint64_t which) {
    auto address = first(entries, which);
    return address ? offset_of(segments, *address) : std::nullopt;
  };
  auto table = place(tag::kStrTab);
  if (!table || *table > file.size()) return;
  Strings strings(file, *table,
                  std::min(first(entries, tag::kStrSz).value_or(UINT64_MAX), file.size() - *table));
  auto one = [&](uint64_t which) {
    auto at = first(entries, which);
    return at ? strings.at(*at) : std::nullopt;
  };
  object.soname = one(tag::kSoname);
  object.rpath = one(tag::kRpath);
  object.runpath = one(tag::kRunpath);
  for (auto which : {tag::kAudit, tag::kDepAudit})
    if (auto names = one(which)) object.audits.push_back(std::move(*names));
  for (auto [which, value] : list) {
    bool needed = which == tag::kNeeded, auxiliary = which == tag::kAuxiliary;
    if (!needed && !auxiliary && which != tag::kFilter) continue;
    if (object.needed.size() + object.filtees.size() == kMaxNeeded) break;
    auto name = strings.at(value);
    if (!name) continue;
    if (needed)
      object.needed.push_back(std::move(*name));
    else
      object.filtees.push_back({std::move(*name), auxiliary, uint32_t(object.needed.size())});
  }
  object.needs =
      version_needs(file, strings, place(tag::kVerNeed), first(entries, tag::kVerNeedNum).value_or(0));
  object.defines =
      version_definitions(file, strings, place(tag::kVerDef), first(entries, tag::kVerDefNum).value_or(0));
}

/// What ends the search in elf/dl-load.c (open_verify). A file of the other class or of another machine is
/// passed over before (seen with glibc 2.36).
std::string refused_header(const uint8_t* header, uint16_t type) {
  constexpr uint8_t kSystemV = 0, kGnu = 3;
  // Of x86-64 and aarch64 since glibc 2.28: 1 unique symbols, 3 absolute ones.
  constexpr uint8_t kAbiVersions = 4;
  uint8_t abi = header[7], abi_version = header[8];
  if (header[5] != 1) return "ELF file data encoding not little-endian";
  if (header[6] != 1) return "ELF file version ident does not match current one";
  if (abi != kSystemV && abi != kGnu) return "ELF file OS ABI invalid";
  if (abi_version != 0 && !(abi == kGnu && abi_version < kAbiVersions)) return "ELF file ABI version invalid";
  if (std::any_of(header + 9, header + 16, [](uint8_t b) { return b != 0; }))
    return "nonzero padding in e_ident";
  if (type != 2 && type != 3) return "only ET_DYN and ET_EXEC can be loaded";
  if (load_at<uint16_t>(header + 54) != 56) return "ELF file's phentsize not the expected size";
  return {};
}

/// _dl_map_object_from_fd. Pages are of 4096 bytes or a multiple.
std::string refused_segments(const std::vector<ElfSegment>& segments) {
  size_t loadable = 0;
  for (const auto& s : segments) {
    if (s.type != kLoad) continue;
    loadable++;
    if ((s.address - s.offset) % 4096 != 0) return "ELF load command address/offset not page-aligned";
  }
  return loadable == 0 ? "object file has no loadable segments" : "";
}

}  // namespace

Result<ElfObject> read_object(RandomBytes& file) {
  auto raw = file.view(0, std::min<uint64_t>(file.size(), 64));
  if (!raw) return fail("cannot read file data");
  if (raw->size() < 64) return fail("file too short");
  if (!is_elf(*raw)) return fail("invalid ELF header");
  uint8_t header[64];
  std::memcpy(header, raw->data(), sizeof header);
  ElfObject object;
  object.bits = header[4] == 2 ? 64 : 32;
  object.type = load_at<uint16_t>(header + 16);
  object.machine = load_at<uint16_t>(header + 18);
  if (object.bits == 32) return object;
  // Also of a file for another machine.
  if (load_at<uint32_t>(header + 20) != 1) return fail("ELF file version does not match current one");
  object.refused = refused_header(header, object.type);
  std::vector<ElfSegment> segments;
  if (object.refused.empty() && !read_segments(header, file, segments))
    object.refused = "cannot read file data";
  if (object.refused.empty()) object.refused = refused_segments(segments);
  if (!object.refused.empty()) return object;
  object.whole_size = whole_size(segments, file.size());
  for (const auto& s : segments) {
    if (s.type == kDynamicSegment) object.dynamic = s.size > 0;
    if (s.type != kInterp || s.size > kMaxName) continue;
    if (auto name = file.view(s.offset, s.size)) object.interpreter = std::string(text_at(*name, 0));
  }
  read_dynamic(object, segments, file);
  return object;
}

}  // namespace cufit::formats
