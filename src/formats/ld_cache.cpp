#include "formats/ld_cache.h"

#include <algorithm>

namespace cufit::formats {
namespace {

constexpr std::string_view kOldMark = "ld.so-1.7.0", kNewMark = "glibc-ld.so.cache1.1";
constexpr uint64_t kOldHeader = 16, kOldEntry = 12;  // 11 bytes of mark, one of padding, count of entries
constexpr uint64_t kNewHeader = 48, kNewEntry = 24;
constexpr uint32_t kExtensions = 0xeaa42174;  // mark of the directory of extensions (glibc 2.33)
constexpr uint32_t kHwcapNames = 1;           // tag of the extension that names glibc-hwcaps folders
// Far above what ldconfig writes: a machine with everything installed has some thousand entries.
constexpr uint64_t kMaxEntries = 1'000'000, kMaxName = 4096, kMaxText = uint64_t{64} << 20, kMaxHwcaps = 4096;

bool has(Bytes file, uint64_t at, std::string_view mark) {
  auto bytes = slice(file, at, mark.size());
  return bytes && as_text(*bytes) == mark;
}

std::unexpected<Error> damage(uint64_t at, std::string expected) {
  return fail("expected " + std::move(expected), {}, at);
}

/// Names by their offset from `base`. Several entries may share one: what all of them hold is bounded.
class Names {
 public:
  Names(Bytes file, uint64_t base) : file_(file), base_(base) {}

  /// `field`: where the offset stands, for the error.
  Result<std::string> at(uint64_t offset, uint64_t field) {
    auto text = text_at(file_, base_ + offset);
    if (base_ + offset + text.size() >= file_.size())
      return damage(field, "the offset of a name in the file");
    if (text.size() > kMaxName) return damage(field, "a name of at most 4096 bytes");
    held_ += text.size();
    if (held_ > kMaxText) return damage(field, "at most 64 MiB of names");
    return std::string(text);
  }

 private:
  Bytes file_;
  uint64_t base_, held_ = 0;
};

/// As the loader reads it: counted from the start of the file, wherever the header is.
std::string hwcap_name(Bytes file, uint32_t offset) {
  auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  };
  auto name = text_at(file, offset);
  bool is_name = !name.empty() && name.size() < 64 && std::ranges::all_of(name, plain);
  return is_name ? std::string(name) : "?";
}

/// The names of the glibc-hwcaps folders, out of the directory of extensions; none if there is no such part.
Result<std::vector<std::string>> hwcap_names(Bytes file, uint64_t header) {
  std::vector<std::string> found;
  uint32_t directory = load_at<uint32_t>(file.data() + header + 32);
  if (directory == 0) return found;
  auto mark = load<uint32_t>(file, directory), count = load<uint32_t>(file, uint64_t{directory} + 4);
  if (directory % 4 != 0 || !mark || !count || *mark != kExtensions)
    return damage(header + 32, "the offset of the directory of extensions");
  auto sections = slice(file, uint64_t{directory} + 8, uint64_t{16} * *count);
  if (!sections) return damage(uint64_t{directory} + 4, "a number of extensions that fits the file");
  for (uint64_t i = 0; i < *count; i++) {
    const uint8_t* section = sections->data() + 16 * i;
    uint64_t field = uint64_t{directory} + 8 + 16 * i;
    uint32_t offset = load_at<uint32_t>(section + 8), size = load_at<uint32_t>(section + 12);
    auto data = slice(file, offset, size);
    if (!data) return damage(field + 8, "an extension that lies in the file");
    if (load_at<uint32_t>(section) != kHwcapNames) continue;
    if (size / 4 > kMaxHwcaps) return damage(field + 12, "at most 4096 names of 4 bytes each");
    found.clear();  // of two, glibc takes the last
    for (uint64_t at = 0; at + 4 <= size; at += 4)
      found.push_back(hwcap_name(file, load_at<uint32_t>(data->data() + at)));
  }
  return found;
}

/// One entry; the first 12 bytes are the same in both layouts.
Result<LdCacheEntry> read_entry(const uint8_t* entry, uint64_t at, Names& names) {
  auto key = names.at(load_at<uint32_t>(entry + 4), at + 4);
  if (!key) return std::unexpected(key.error());
  auto value = names.at(load_at<uint32_t>(entry + 8), at + 8);
  if (!value) return std::unexpected(value.error());
  return LdCacheEntry{std::move(*key), std::move(*value), int32_t(load_at<uint32_t>(entry))};
}

Result<LdCache> read_new(Bytes file, uint64_t header) {
  if (!slice(file, header, kNewHeader)) return damage(file.size(), "a header of 48 bytes");
  // Byte order, written since glibc 2.33: 0 not said, 1 never valid, 2 little, 3 big.
  uint8_t order = file[header + 28] & 3;
  if (order == 3) return damage(header + 28, "little-endian numbers, found big-endian ones");
  if (order == 1) return damage(header + 28, "a byte order, found the mark of a cache that is not valid");
  uint32_t count = load_at<uint32_t>(file.data() + header + 20);
  auto table = slice(file, header + kNewHeader, kNewEntry * uint64_t{count});
  if (!table || count > kMaxEntries) return damage(header + 20, "a number of entries that fits the file");
  LdCache cache;
  auto levels = hwcap_names(file, header);
  if (!levels) cache.unread = std::move(levels.error());
  Names names(file, header);
  cache.entries.reserve(count);
  for (uint64_t i = 0; i < count; i++) {
    const uint8_t* raw = table->data() + kNewEntry * i;
    uint64_t at = header + kNewHeader + kNewEntry * i;
    auto entry = read_entry(raw, at, names);
    if (!entry) return std::unexpected(entry.error());
    entry->hwcap = load_at<uint64_t>(raw + 16);
    if (names_hwcaps_folder(entry->hwcap)) {
      uint32_t index = uint32_t(entry->hwcap);
      entry->level = levels && index < levels->size() ? (*levels)[index] : "?";
    }
    cache.entries.push_back(std::move(*entry));
  }
  return cache;
}

Result<LdCache> read_old(Bytes file) {
  auto count = load<uint32_t>(file, 12);
  if (!count) return damage(file.size(), "a header of 16 bytes");
  auto table = slice(file, kOldHeader, kOldEntry * uint64_t{*count});
  if (!table || *count > kMaxEntries) return damage(12, "a number of entries that fits the file");
  uint64_t end = kOldHeader + kOldEntry * uint64_t{*count};
  // The newer layout begins at the next multiple of 8; of 4 where a 32-bit x86 ldconfig wrote it.
  for (uint64_t at : {(end + 7) / 8 * 8, end})
    if (has(file, at, kNewMark)) return read_new(file, at);
  LdCache cache;
  Names names(file, end);
  cache.entries.reserve(*count);
  for (uint64_t i = 0; i < *count; i++) {
    auto entry = read_entry(table->data() + kOldEntry * i, kOldHeader + kOldEntry * i, names);
    if (!entry) return std::unexpected(entry.error());
    cache.entries.push_back(std::move(*entry));
  }
  return cache;
}

}  // namespace

Result<LdCache> read_ld_cache(Bytes file) {
  if (has(file, 0, kNewMark)) return read_new(file, 0);
  if (has(file, 0, kOldMark)) return read_old(file);
  return damage(0, "\"glibc-ld.so.cache1.1\" or \"ld.so-1.7.0\"");
}

}  // namespace cufit::formats
