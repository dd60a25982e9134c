#include "collect/cache.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <functional>

#include "base/file.h"
#include "base/number.h"
#include "base/parallel.h"
#include "base/write.h"
#include "collect/links.h"
#include "collect/serial.h"

namespace cufit::collect {
namespace {

constexpr std::string_view kMagic = "cufit cache 2\n";
constexpr uint64_t kMaxFile = uint64_t{256} << 20;

template <class A>
void fields(A& a, Stamp& s) {
  auto& [device, inode, size, modified, changed] = s;
  a(device, inode, size, modified, changed);
}

/// FNV-1a: names the file, so it must not depend on how cufit was built.
std::string name_of(std::string_view key) {
  uint64_t h = 0xcbf29ce484222325;
  for (unsigned char c : key) h = (h ^ c) * 0x100000001b3;
  return in_base(h, 16, 16) + ".environment";
}

uint64_t checksum(std::string_view bytes) { return std::hash<std::string_view>()(bytes); }

int64_t now_ns() {
  timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  return int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec;
}

/// The bytes of a file that is ours; empty if there is none.
std::string read_own(const std::string& path) {
  struct stat st;
  if (lstat(path.c_str(), &st) != 0 || !S_ISREG(st.st_mode) || st.st_uid != geteuid()) return {};
  auto file = File::open(path);
  if (!file || file->size() > kMaxFile) return {};
  std::string bytes(size_t(file->size()), '\0');
  if (!file->read_at(0, {reinterpret_cast<uint8_t*>(bytes.data()), bytes.size()})) return {};
  return bytes;
}

/// Writes beside and renames, so that others see the old file or the new one.
void write_file(const std::string& path, std::initializer_list<std::string_view> parts) {
  std::error_code ec;
  auto folder = std::filesystem::path(path).parent_path();
  if (std::filesystem::create_directories(folder, ec))
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all, ec);
  std::string beside = path + ".XXXXXX";
  int fd = mkostemp(beside.data(), O_CLOEXEC);  // 0600
  if (fd < 0) return;
  bool ok = std::ranges::all_of(parts, [&](std::string_view p) { return write_all(fd, p); });
  ok = close(fd) == 0 && ok;
  if (!ok || rename(beside.c_str(), path.c_str()) != 0) unlink(beside.c_str());
}

}  // namespace

std::string default_cache_folder() {
  const char* xdg = std::getenv("XDG_CACHE_HOME");
  if (xdg && *xdg == '/') return std::string(xdg) + "/cufit";
  const char* home = std::getenv("HOME");
  return home && *home == '/' ? std::string(home) + "/.cache/cufit" : std::string();
}

Cache::Cache(const std::string& root, const Options& options) {
  auto folder = options.cache_folder.empty() ? default_cache_folder() : options.cache_folder;
  if (!options.cache || folder.empty()) return;
  auto real = follow(root, options.system).value_or(root);
  // Another build of cufit may read differently: its own file tells them apart.
  auto self = stamp_of("/proc/self/exe");
  Writer key;
  key(real, root, options.system, options.pass, self.device, self.inode, self.size, self.modified,
      self.changed);
  key_ = key.take();
  file_ = folder + '/' + name_of(real);
  settled_before_ = now_ns() - options.settling;
  auto bytes = read_own(file_);
  if (!load(bytes)) kept_looks_.clear(), kept_.clear();
}

bool Cache::load(std::string_view bytes) {
  if (!bytes.starts_with(kMagic)) return false;
  bytes.remove_prefix(kMagic.size());
  auto sum = cufit::load<uint64_t>(as_bytes(bytes), 0);
  if (!sum) return false;
  bytes.remove_prefix(sizeof *sum);
  if (*sum != checksum(bytes)) return false;
  Reader reader(bytes);
  if (reader.view() != key_) return false;
  uint64_t looks = 0;
  reader(looks);
  std::string path;
  for (; looks > 0 && reader.good(); looks--) {
    // Paths are sorted: only what differs from the one before is kept.
    uint64_t same = 0;
    reader(same);
    path.resize(std::min<uint64_t>(same, path.size()));
    path += reader.view();
    Stamp stamp;
    fields(reader, stamp);
    kept_looks_.push_back({path, stamp});
  }
  reader(kept_);
  return reader.good() && reader.at_end();
}

std::optional<std::vector<Subject>> Cache::answer() {
  if (kept_looks_.empty()) return std::nullopt;
  constexpr size_t kChunk = 256;
  std::atomic<bool> same = true;
  parallel_for((kept_looks_.size() + kChunk - 1) / kChunk, [&](size_t chunk) {
    size_t end = std::min(kept_looks_.size(), (chunk + 1) * kChunk);
    for (size_t i = chunk * kChunk; i < end && same; i++)
      if (stamp_of(kept_looks_[i].path) != kept_looks_[i].stamp) same = false;
  });
  if (same) return std::move(kept_);
  index();
  return std::nullopt;
}

void Cache::index() {
  for (auto& l : kept_looks_) kept_stamps_.emplace(l.path, &l.stamp);
  for (auto& s : kept_) {
    for (auto& m : s.members) kept_members_.emplace(m.bin.path, &m.bin);
    for (auto& g : s.unread) kept_gaps_.emplace(g.path, &g);
  }
}

std::optional<Entry> Cache::known(const FoundFile& file) const {
  auto stamp = kept_stamps_.find(file.path);
  if (stamp == kept_stamps_.end() || *stamp->second != file.stamp || kept_gaps_.contains(file.path))
    return std::nullopt;
  Entry entry;
  entry.kept = true;
  if (auto member = kept_members_.find(file.path); member != kept_members_.end())
    entry.binary = *member->second;
  return entry;
}

void Cache::look(const std::string& path) {
  if (!file_.empty()) look(path, stamp_of(path));
}

void Cache::look(const std::string& path, const Stamp& now) {
  if (file_.empty()) return;
  std::lock_guard lock(mutex_);
  looks_.push_back({path, now});
}

void Cache::keep(const std::vector<Subject>& answer) {
  if (file_.empty()) return;
  std::ranges::sort(looks_, {}, &Look::path);
  Writer out;
  out(key_, looks_.size());
  std::string_view before;
  for (auto& l : looks_) {
    // Changed so shortly ago that another change may leave the same stamp: never the same again.
    if (l.stamp.changed >= settled_before_) l.stamp.changed = -1;
    auto same = size_t(std::ranges::mismatch(before, l.path).in1 - before.begin());
    out(uint64_t{same}, l.path.substr(same));
    fields(out, l.stamp);
    before = l.path;
  }
  out(answer);
  auto bytes = out.take();
  std::string sum;
  for (uint64_t s = checksum(bytes), i = 0; i < 8; i++, s >>= 8) sum += char(s);
  write_file(file_, {kMagic, sum, bytes});
}

}  // namespace cufit::collect
