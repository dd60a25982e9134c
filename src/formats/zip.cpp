#include "formats/zip.h"

#include <algorithm>
#include <numeric>
#include <unordered_set>
#include <utility>

#include "formats/inflate.h"

namespace cufit::formats::zip {
namespace {

constexpr uint32_t kLocalMagic = 0x04034b50;
constexpr uint32_t kCentralMagic = 0x02014b50;
constexpr uint32_t kEndMagic = 0x06054b50;
constexpr uint32_t kEnd64Magic = 0x06064b50;
constexpr uint32_t kLocator64Magic = 0x07064b50;
constexpr uint64_t kLocalSize = 30;
constexpr uint64_t kCentralSize = 46;
constexpr uint64_t kEndSize = 22;
constexpr uint64_t kEnd64Size = 56;
constexpr uint64_t kLocator64Size = 20;
constexpr uint64_t kMaxComment = 0xffff;

constexpr uint16_t kZip64Field = 0x0001;
constexpr uint16_t kIn64 = 0xffff;          // in a 16-bit field: see the zip64 one
constexpr uint32_t kIn64Long = 0xffffffff;  // the same in a 32-bit field

enum Flag : uint16_t { kEncrypted = 1 << 0, kDescriptor = 1 << 3, kMasked = 1 << 13 };

/// Where the central directory lies, from the end records.
struct Directory {
  uint64_t begin = 0, size = 0;
  uint64_t entries = 0;
  uint64_t entries_mask = ~uint64_t{0};  // which bits of `entries` are known
  uint64_t base = 0;  // offsets in the archive count from here: bytes may have been put in front of it
};

/// The position of the end record, searched from the back because a comment of any text may follow it.
std::optional<uint64_t> find_end(RandomBytes& bytes) {
  if (bytes.size() < kEndSize) return std::nullopt;
  uint64_t n = std::min(bytes.size(), kEndSize + kMaxComment);
  uint64_t first = bytes.size() - n;
  auto tail = bytes.view(first, n);
  if (!tail) return std::nullopt;
  std::optional<uint64_t> other;
  for (uint64_t i = n - kEndSize + 1; i-- > 0;) {
    if (load_at<uint32_t>(tail->data() + i) != kEndMagic) continue;
    uint64_t end = i + kEndSize + load_at<uint16_t>(tail->data() + i + 20);
    if (end == n) return first + i;
    if (end < n && !other) other = first + i;  // bytes were appended to the archive
  }
  return other;
}

/// Takes a field of the end record from its zip64 twin; they must agree unless the short one says "see
/// there".
bool widen(uint64_t& value, uint64_t mark, uint64_t twin) {
  bool agrees = value == mark || value == twin;
  value = twin;
  return agrees;
}

/// The zip64 end record that the locator right before the end record at `end` names.
Result<Directory> read_end64(RandomBytes& bytes, uint64_t end, Bytes locator, Directory short_form) {
  uint64_t stated = load_at<uint64_t>(locator.data() + 8);
  uint64_t adjacent = end - kLocator64Size >= kEnd64Size ? end - kLocator64Size - kEnd64Size : 0;
  // Bytes put in front of an archive shift it; then the record is still next to its locator.
  for (uint64_t at : {stated, adjacent}) {
    auto b = bytes.view(at, kEnd64Size);
    if (!b || at > end - kLocator64Size || load_at<uint32_t>(b->data()) != kEnd64Magic) continue;
    const uint8_t* p = b->data();
    if (load_at<uint32_t>(p + 16) != 0 || load_at<uint32_t>(p + 20) != 0)
      return fail("the archive is split over several files, which is not read here", {}, at);
    Directory d = short_form;
    d.entries_mask = ~uint64_t{0};
    bool agree = widen(d.entries, kIn64, load_at<uint64_t>(p + 32));
    agree &= widen(d.size, kIn64Long, load_at<uint64_t>(p + 40));
    agree &= widen(d.begin, kIn64Long, load_at<uint64_t>(p + 48));
    if (!agree) return fail("the zip64 end record contradicts the end record", {}, at);
    d.base = at;  // for now: where the directory has to end
    return d;
  }
  return fail("expected a zip64 end record where its locator points to", {}, end - kLocator64Size);
}

Result<Directory> find_directory(RandomBytes& bytes) {
  auto end = find_end(bytes);
  if (!end) return fail("expected the end record of a zip archive (PK 5 6) in the last 65,557 bytes");
  auto b = bytes.view(*end, kEndSize);
  if (!b) return fail("the end record cannot be read", {}, end);
  const uint8_t* p = b->data();
  uint16_t disk = load_at<uint16_t>(p + 4), first_disk = load_at<uint16_t>(p + 6);
  Directory d;
  d.entries = load_at<uint16_t>(p + 10);
  d.entries_mask = 0xffff;  // writers without zip64 let it overflow
  d.size = load_at<uint32_t>(p + 12);
  d.begin = load_at<uint32_t>(p + 16);
  d.base = *end;
  if ((disk != 0 && disk != kIn64) || (first_disk != 0 && first_disk != kIn64))
    return fail("the archive is split over several files, which is not read here", {}, end);
  if (*end >= kLocator64Size) {
    auto locator = bytes.view(*end - kLocator64Size, kLocator64Size);
    if (locator && load_at<uint32_t>(locator->data()) == kLocator64Magic) {
      std::vector<uint8_t> copy(locator->begin(), locator->end());
      auto wide = read_end64(bytes, *end, copy, d);
      if (!wide) return wide;
      d = *wide;
    }
  }
  uint64_t must_end = d.base;
  if (d.size > must_end || d.begin > must_end - d.size)
    return fail("the central directory (" + std::to_string(d.size) + " bytes from " +
                    std::to_string(d.begin) + ") does not fit before its end record",
                {}, must_end);
  if (d.size > kMaxDirectory)
    return fail("the central directory has " + std::to_string(d.size) + " bytes, at most 64 MiB are read", {},
                end);
  d.base = must_end - d.size - d.begin;
  d.begin += d.base;
  return d;
}

bool is_unsafe(std::string_view name) {
  if (name.starts_with('/') || name.find('\\') != name.npos || name.find('\0') != name.npos) return true;
  if (name.size() > 1 && name[1] == ':') return true;
  for (size_t at = 0; at <= name.size();) {
    size_t end = std::min(name.find('/', at), name.size());
    if (name.substr(at, end - at) == "..") return true;
    at = end + 1;
  }
  return false;
}

/// Replaces what the short fields of a central entry leave to the zip64 field; false if that is missing or
/// short.
bool apply_zip64(Bytes extra, Entry& e, uint32_t& disk) {
  bool wants = e.size == kIn64Long || e.packed == kIn64Long || e.header == kIn64Long || disk == kIn64;
  if (!wants) return true;
  while (extra.size() >= 4) {
    uint16_t id = load_at<uint16_t>(extra.data()), n = load_at<uint16_t>(extra.data() + 2);
    auto field = slice(extra, 4, n);
    if (!field) return false;
    extra = extra.subspan(4 + n);
    if (id != kZip64Field) continue;
    size_t at = 0;
    auto take = [&](uint64_t& value) {
      if (value != kIn64Long) return true;
      auto wide = load<uint64_t>(*field, at);
      if (wide) value = *wide;
      at += 8;
      return wide.has_value();
    };
    if (!take(e.size) || !take(e.packed) || !take(e.header)) return false;
    if (disk == kIn64) {
      auto wide = load<uint32_t>(*field, at);
      if (!wide) return false;
      disk = *wide;
    }
    return true;
  }
  return false;
}

class DirectoryReader {
 public:
  DirectoryReader(RandomBytes& bytes, const Directory& d) : bytes_(bytes), d_(d), end_(d.begin + d.size) {}

  Archive read() {
    uint64_t at = d_.begin;
    // At least 46 bytes an entry, so a lying count reserves no more than the directory warrants.
    archive_.entries.reserve(std::min({d_.entries, d_.size / kCentralSize, kMaxEntries}));
    while (at < end_) {
      if (archive_.entries.size() == kMaxEntries) {
        damage("more than " + std::to_string(kMaxEntries) + " entries", at);
        break;
      }
      auto next = read_entry(at);
      if (!next) break;
      at = *next;
    }
    uint64_t n = archive_.entries.size();
    if (!archive_.damage && ((n ^ d_.entries) & d_.entries_mask) != 0)
      damage("expected " + std::to_string(d_.entries) + " entries, found " + std::to_string(n), d_.begin);
    find_shadowed();
    find_overlaps();
    return std::move(archive_);
  }

 private:
  void damage(std::string message, uint64_t at) { archive_.damage = Error{std::move(message), {}, at}; }

  /// Directory bytes through a window, so that many small entries need few reads.
  std::optional<Bytes> bytes_at(uint64_t at, uint64_t n) {
    if (n > end_ - at) return std::nullopt;
    if (auto held = slice(window_, at - window_at_, n)) return held;
    window_ = {};
    auto fresh = bytes_.view(at, std::min(std::max(n, uint64_t{256} << 10), end_ - at));
    if (!fresh) return std::nullopt;
    window_ = *fresh;
    window_at_ = at;
    return slice(window_, 0, n);
  }

  /// Reads the entry at `at`; gives where the next one is, or nothing after noting the damage.
  std::optional<uint64_t> read_entry(uint64_t at) {
    auto head = bytes_at(at, kCentralSize);
    if (!head || load_at<uint32_t>(head->data()) != kCentralMagic) {
      damage("expected an entry of the central directory (PK 1 2)", at);
      return std::nullopt;
    }
    const uint8_t* p = head->data();
    uint64_t name = load_at<uint16_t>(p + 28), extra = load_at<uint16_t>(p + 30),
             comment = load_at<uint16_t>(p + 32);
    uint64_t all = kCentralSize + name + extra + comment;
    auto whole = bytes_at(at, all);
    if (!whole) {
      damage("an entry of " + std::to_string(all) + " bytes does not fit into the central directory", at);
      return std::nullopt;
    }
    p = whole->data();
    Entry e;
    e.name = as_text(whole->subspan(kCentralSize, name));
    e.flags = load_at<uint16_t>(p + 8);
    e.method = load_at<uint16_t>(p + 10);
    e.crc = load_at<uint32_t>(p + 16);
    e.packed = load_at<uint32_t>(p + 20);
    e.size = load_at<uint32_t>(p + 24);
    e.header = load_at<uint32_t>(p + 42);
    uint32_t disk = load_at<uint16_t>(p + 34);
    bool complete = apply_zip64(whole->subspan(kCentralSize + name, extra), e, disk);
    e.unsafe_name = is_unsafe(e.name);
    e.flaw = complete ? flaw_of(e, disk) : Flaw::zip64;
    if (complete && e.flaw != Flaw::outside) e.header += d_.base;
    archive_.entries.push_back(std::move(e));
    return at + all;
  }

  Flaw flaw_of(const Entry& e, uint32_t disk) const {
    if (disk != 0) return Flaw::disks;
    uint64_t room = d_.begin - d_.base;  // for local headers and data
    uint64_t front = kLocalSize + e.name.size();
    if (e.header > room || front > room - e.header || e.packed > room - e.header - front)
      return Flaw::outside;
    if (e.flags & (kEncrypted | kMasked)) return Flaw::encrypted;
    if (e.method != uint16_t(Method::stored) && e.method != uint16_t(Method::deflated)) return Flaw::method;
    if (e.method == uint16_t(Method::stored) && e.packed != e.size) return Flaw::sizes;
    return Flaw::none;
  }

  void find_shadowed() {
    std::unordered_set<std::string_view> seen;
    seen.reserve(archive_.entries.size());
    for (auto e = archive_.entries.rbegin(); e != archive_.entries.rend(); ++e)
      e->shadowed = !seen.insert(e->name).second;
  }

  /// Sets the limits. In the order of offsets, an entry that begins before the furthest end so far overlaps
  /// the entry which ends there.
  void find_overlaps() {
    auto& entries = archive_.entries;
    std::vector<uint32_t> order(entries.size());
    std::iota(order.begin(), order.end(), 0);
    std::erase_if(order, [&](uint32_t i) {
      Flaw f = entries[i].flaw;
      return f == Flaw::outside || f == Flaw::zip64 || f == Flaw::disks;
    });
    std::ranges::sort(order, {}, [&](uint32_t i) { return std::pair(entries[i].header, i); });
    Entry* furthest = nullptr;
    uint64_t furthest_end = 0;
    for (size_t k = 0; k < order.size(); k++) {
      Entry& e = entries[order[k]];
      e.limit = k + 1 < order.size() ? entries[order[k + 1]].header : d_.begin;
      uint64_t end = e.header + kLocalSize + e.name.size() + e.packed;
      if (furthest && e.header < furthest_end) e.flaw = furthest->flaw = Flaw::overlap;
      if (end <= furthest_end) continue;
      furthest = &e;
      furthest_end = end;
    }
  }

  RandomBytes& bytes_;
  Directory d_;
  uint64_t end_;
  Archive archive_;
  Bytes window_;
  uint64_t window_at_ = 0;
};

}  // namespace

std::string_view describe(Flaw flaw) {
  switch (flaw) {
    case Flaw::none:
      return "readable";
    case Flaw::encrypted:
      return "encrypted";
    case Flaw::method:
      return "packed with a method other than deflate";
    case Flaw::disks:
      return "lies on another part of a split archive";
    case Flaw::zip64:
      return "its zip64 field is missing or too short";
    case Flaw::sizes:
      return "stored, but its two sizes differ";
    case Flaw::outside:
      return "lies outside the archive";
    case Flaw::overlap:
      return "shares bytes with another entry";
  }
  return "unreadable";
}

bool begins_like_zip(Bytes head) {
  auto magic = load<uint32_t>(head, 0);
  return magic == kLocalMagic || magic == kEndMagic;
}

Result<Archive> read(RandomBytes& bytes) {
  auto directory = find_directory(bytes);
  if (!directory) return std::unexpected(std::move(directory.error()));
  return DirectoryReader(bytes, *directory).read();
}

Result<uint64_t> locate(RandomBytes& bytes, const Entry& e) {
  if (!e.is_readable()) return fail(e.name + ": " + std::string(describe(e.flaw)), {}, e.header);
  auto contradiction = [&](const char* what) {
    return fail(e.name + ": " + what + " of the local header differs from the central directory", {},
                e.header);
  };
  auto head = bytes.view(e.header, kLocalSize + e.name.size());
  if (!head || load_at<uint32_t>(head->data()) != kLocalMagic)
    return fail(e.name + ": expected a local header (PK 3 4)", {}, e.header);
  const uint8_t* p = head->data();
  uint16_t flags = load_at<uint16_t>(p + 6);
  uint32_t crc = load_at<uint32_t>(p + 14);
  uint32_t packed = load_at<uint32_t>(p + 18), size = load_at<uint32_t>(p + 22);
  uint64_t name = load_at<uint16_t>(p + 26), extra = load_at<uint16_t>(p + 28);
  if (load_at<uint16_t>(p + 8) != e.method) return contradiction("the method");
  if ((flags ^ e.flags) & kEncrypted) return contradiction("the encryption flag");
  if (name != e.name.size() || as_text(head->subspan(kLocalSize)) != e.name) return contradiction("the name");
  // With a data descriptor the sizes and the CRC follow the data, and the fields here are usually zero.
  if (!(flags & kDescriptor)) {
    if (crc != e.crc) return contradiction("the CRC");
    if (packed != kIn64Long && packed != e.packed) return contradiction("the packed size");
    if (size != kIn64Long && size != e.size) return contradiction("the size");
  }
  uint64_t data = e.header + kLocalSize + name + extra;
  if (data > e.limit || e.packed > e.limit - data)
    return fail(e.name + ": its data would run into what follows", {}, e.header);
  return data;
}

std::unique_ptr<Stream> unpack(const Entry& e, std::unique_ptr<Stream> packed) {
  if (e.method == uint16_t(Method::stored)) return packed;
  return std::make_unique<InflateStream>(std::move(packed), InflateStream::Expect{e.size, e.crc});
}

Result<std::unique_ptr<Stream>> open(const File& file, const Entry& e) {
  FileBytes bytes(file);
  auto data = locate(bytes, e);
  if (!data) {
    data.error().file = file.path();
    return std::unexpected(std::move(data.error()));
  }
  return unpack(e, std::make_unique<FileStream>(file, *data, e.packed));
}

}  // namespace cufit::formats::zip
