#include "formats/cubin.h"

#include <algorithm>
#include <string_view>

#include "formats/elf_parts.h"

namespace cufit::formats {
namespace {

struct Section {
  std::string_view name;
  uint32_t type = 0;
  Bytes data;
};

constexpr uint32_t kNoBits = 8, kNvCompat = 0x70000086;

/// Calls f(section) for every section with its name; false if the table does not lie inside `b`.
template <class F>
bool for_each_section(Bytes b, F f) {
  uint64_t table = load_at<uint64_t>(b.data() + 40);
  uint16_t size = load_at<uint16_t>(b.data() + 58), count = load_at<uint16_t>(b.data() + 60),
           names_at = load_at<uint16_t>(b.data() + 62);
  if (size != 64 || names_at >= count) return false;
  auto headers = slice(b, table, uint64_t{64} * count);
  if (!headers) return false;
  auto data_of = [&](const uint8_t* h) {
    return slice(b, load_at<uint64_t>(h + 24), load_at<uint64_t>(h + 32)).value_or(Bytes{});
  };
  Bytes names = data_of(headers->data() + size_t{64} * names_at);
  if (names.empty()) return false;
  for (unsigned i = 0; i < count; i++) {
    const uint8_t* h = headers->data() + size_t{64} * i;
    uint32_t type = load_at<uint32_t>(h + 4);
    f(Section{text_at(names, load_at<uint32_t>(h)), type, type == kNoBits ? Bytes{} : data_of(h)});
  }
  return true;
}

/// `.note.nv.cuinfo`: u16 2, u16 virtual SM, u32 toolkit (130 = 13.0).
uint16_t toolkit_of_cuinfo(Bytes note) {
  uint16_t toolkit = 0;
  for_each_note(note, [&](uint32_t type, std::string_view /*name*/, Bytes d) {
    if (type == 1000 && d.size() >= 8)
      toolkit = uint16_t(std::min<uint32_t>(load_at<uint32_t>(d.data() + 4), 999));
  });
  return toolkit;
}

/// `.note.nv.tkinfo` names the tool: "Cuda compilation tools, release 12.8, V12.8.93". 12.8 and 12.9 say it
/// only here.
uint16_t toolkit_of_tkinfo(Bytes note) {
  auto text = as_text(note);
  constexpr std::string_view kRelease = "release ";
  auto at = text.find(kRelease);
  unsigned major = 0, minor = 0;
  if (at == text.npos) return 0;
  at += kRelease.size();
  for (; at < text.size() && text[at] >= '0' && text[at] <= '9' && major < 100; at++)
    major = major * 10 + unsigned(text[at] - '0');
  if (at + 1 < text.size() && text[at] == '.' && text[at + 1] >= '0' && text[at + 1] <= '9')
    minor = unsigned(text[at + 1] - '0');
  return major >= 5 && major < 100 ? uint16_t(major * 10 + minor) : uint16_t{0};
}

/// `.note.nv.tkinfo` holds ptxas's command line: "-arch sm_100f" is the only trace of `f` in a cubin.
char suffix_of_tkinfo(Bytes note) {
  auto text = as_text(note);
  auto at = text.rfind("sm_");
  if (at == text.npos) return 0;
  at += 3;
  while (at < text.size() && text[at] >= '0' && text[at] <= '9') at++;
  return at < text.size() && (text[at] == 'a' || text[at] == 'f') ? text[at] : char{0};
}

/// `.nv.compat` is a stream of [format][attribute][value]: four bytes each, format 4 with its u16 value as
/// the size of the data that follow. Attribute 9 = 1 exactly for `a` targets (13.x; 12.8 and 12.9 have no
/// attribute 9).
bool compat_says_a(Bytes b) {
  for (size_t i = 0; i + 4 <= b.size();) {
    if (b[i] != 4 && b[i + 1] == 9) return b[i + 2] == 1;
    i += 4 + (b[i] == 4 ? load_at<uint16_t>(b.data() + i + 2) : 0);
  }
  return false;
}

/// Does a symbol table name something global that is nowhere defined? What PTX calls system calls comes with
/// every driver: https://docs.nvidia.com/cuda/ptx-writers-guide-to-interoperability/#system-calls
bool has_undefined(Bytes symbols, Bytes names) {
  constexpr size_t kSymbol = 24;
  constexpr uint8_t kGlobal = 1;
  constexpr std::string_view kOfDriver[] = {"vprintf", "malloc", "free", "__assertfail"};
  for (size_t i = 0; i + kSymbol <= symbols.size(); i += kSymbol) {
    const uint8_t* s = symbols.data() + i;
    if (s[4] >> 4 != kGlobal || load_at<uint16_t>(s + 6) != 0) continue;
    if (std::ranges::find(kOfDriver, text_at(names, load_at<uint32_t>(s))) == std::end(kOfDriver))
      return true;
  }
  return false;
}

void read_header(Bytes b, Cubin& c) {
  const uint8_t* p = b.data();
  uint32_t flags = load_at<uint32_t>(p + 48);
  Image& i = c.image;
  i.kind = Kind::sass;
  i.major = 1;
  i.minor = p[8];
  i.relocatable = load_at<uint16_t>(p + 16) == 1;
  if (p[8] >= 8) {  // ABI 8: SM in bits 8 to 15; 12.8 and 12.9 mark `a` by bit 3
    i.arch = flags >> 8 & 0xff;
    i.suffix = flags & 0x8 ? 'a' : 0;
  } else {  // ABI 7 and older: SM in the low byte; 0x800 marks `a`, but only from sm_90 on
    i.arch = flags & 0xff;
    i.suffix = i.arch >= 90 && flags & 0x800 ? 'a' : 0;
    uint32_t version = load_at<uint32_t>(p + 20);
    c.toolkit = version >= 50 && version < 200 ? uint16_t(version) : uint16_t{0};
  }
}

}  // namespace

std::optional<uint64_t> cubin_size(Bytes b) {
  if (b.size() < 64 || load_at<uint32_t>(b.data()) != 0x464c457f || b[4] != 2 || b[5] != 1 ||
      load_at<uint16_t>(b.data() + 18) != kCudaMachine)
    return std::nullopt;
  auto table_end = [&](size_t offset_at, size_t size_at) -> uint64_t {
    uint64_t off = load_at<uint64_t>(b.data() + offset_at);
    uint64_t bytes =
        uint64_t{load_at<uint16_t>(b.data() + size_at)} * load_at<uint16_t>(b.data() + size_at + 2);
    return off > UINT64_MAX - bytes ? UINT64_MAX : off + bytes;
  };
  return std::max({uint64_t{64}, table_end(32, 54), table_end(40, 58)});
}

std::optional<Cubin> read_cubin(Bytes b) {
  if (!cubin_size(b)) return std::nullopt;
  Cubin c;
  read_header(b, c);
  bool kernels = false;
  Bytes symbols, names;
  c.complete = for_each_section(b, [&](const Section& s) {
    if (s.name.starts_with(".text.")) kernels = true;
    if (s.name == ".symtab") symbols = s.data;
    if (s.name == ".strtab") names = s.data;
    if (c.image.minor >= 8 && s.name == ".note.nv.cuinfo")
      if (auto t = toolkit_of_cuinfo(s.data)) c.toolkit = t;
    if (c.image.minor >= 8 && s.name == ".note.nv.tkinfo") {
      if (!c.toolkit) c.toolkit = toolkit_of_tkinfo(s.data);
      if (!c.image.suffix) c.image.suffix = suffix_of_tkinfo(s.data);
    }
    if (s.type == kNvCompat && c.image.minor >= 8 && compat_says_a(s.data)) c.image.suffix = 'a';
  });
  c.image.empty = c.complete && !kernels;
  c.image.unresolved = c.image.relocatable && (!c.complete || has_undefined(symbols, names));
  return c;
}

}  // namespace cufit::formats
