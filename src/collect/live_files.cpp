#include "collect/live_files.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "base/file.h"
#include "base/text.h"
#include "collect/architecture.h"
#include "collect/root.h"
#include "collect/secure_program.h"
#include "formats/elf_object.h"
#include "formats/ld_cache.h"
#include "formats/ld_so.h"

namespace cufit::collect {
namespace {

using Kind = IndexedFile::Kind;

constexpr int kMaxLinks = 40;             // as the kernel
constexpr size_t kMaxListed = 200'000;    // names of one folder that are kept; beyond, each is asked for
constexpr uint64_t kMaxCache = 64 << 20;  // bytes of ld.so.cache
constexpr uint64_t kMaxLoader = 8 << 20;  // bytes of a dynamic loader; 1.5 MB with its symbols

/// What a path names, before the bytes of a file are looked at.
struct Node {
  Kind kind = Kind::absent;
  std::string real = {};  ///< inside the root; "/" for the root itself
  struct stat stat = {};
  std::string unreadable = {};
};

Node unreadable(int code) { return {.kind = Kind::other, .unreadable = error_name(code)}; }

/// A loader calls itself ld-linux-x86-64.so.2, ld-linux-aarch64.so.1 or ld64.so.2.
bool is_loader(const formats::ElfObject& object) {
  return object.soname && (object.soname->starts_with("ld-linux") || object.soname->starts_with("ld64.so"));
}

LoadedObject convert(formats::ElfObject&& o) {
  LoadedObject out{
      .bits = o.bits,
      .arch = architecture(o.machine),
      .type = o.type,
      .dynamic = o.dynamic,
      .interpreter = std::move(o.interpreter),
      .dyn = {std::move(o.soname), std::move(o.rpath), std::move(o.runpath), std::move(o.needed)},
      .nodeflib = o.nodeflib,
      .pie = o.pie,
      .needs = {},
      .defines = std::move(o.defines)};
  out.audits = std::move(o.audits);
  out.whole_size = o.whole_size;
  for (auto& f : o.filtees) out.filtees.push_back({std::move(f.name), f.auxiliary, f.behind});
  for (auto& need : o.needs) {
    std::ranges::sort(need.versions);
    out.needs.push_back({std::move(need.library), std::move(need.versions)});
  }
  std::ranges::sort(out.defines);
  return out;
}

/// Its bytes, of a file that is not larger than `most`.
Result<std::vector<uint8_t>> whole(const File& file, uint64_t most) {
  if (file.size() > most) return fail("expected at most " + std::to_string(most) + " bytes", file.path());
  std::vector<uint8_t> bytes(file.size());
  if (auto read = file.read_at(0, bytes); !read) return std::unexpected(read.error());
  return bytes;
}

/// Looks into an ELF file at `path`.
void read_object(const std::string& path, IndexedFile& out) {
  auto file = File::open(path);
  if (!file) {
    out.unreadable = file.error().id == "open.denied" ? "EACCES" : file.error().message;
    return;
  }
  FileBytes bytes(*file);
  auto object = formats::read_object(bytes);
  if (!object || !object->refused.empty()) {
    out.unreadable = bytes.error() ? bytes.error()->message
                     : object      ? object->refused
                                   : object.error().message;
    if (object) {
      out.object.emplace();
      out.object->bits = object->bits;
      out.object->arch = architecture(object->machine);
    }
    return;
  }
  bool loader = is_loader(*object);
  out.object = convert(std::move(*object));
  if (!loader) return;
  auto content = whole(*file, kMaxLoader);
  if (!content) return;
  auto build = formats::read_ld_so(*content);
  if (build.version.empty()) {
    // Up to glibc 2.33 the file is called by its version: ld-2.31.so.
    auto name = base_name(std::string_view(path));
    if (name.starts_with("ld-2.") && name.ends_with(".so")) build.version = name.substr(3, name.size() - 6);
  }
  if (!build.folders.empty())
    out.object->loader =
        LoaderBuild{std::move(build.folders), std::move(build.cache), std::move(build.version)};
}

const IndexedFile kAbsent;

struct Listing {
  bool complete = false;
  std::unordered_set<std::string> names;
};

/// Names in a folder as readdir gives them; false if that is not all of them.
template <class See>
bool each_name(const std::string& path, See see) {
  DIR* folder = opendir(path.c_str());
  if (!folder) return false;
  size_t count = 0;
  errno = 0;
  while (auto* entry = readdir(folder)) {
    if (count++ == kMaxListed) {
      errno = EOVERFLOW;
      break;
    }
    see(std::string_view(entry->d_name));
    errno = 0;
  }
  bool complete = errno == 0;
  closedir(folder);
  return complete;
}

Listing list(const std::string& path) {
  Listing out;
  out.complete = each_name(path, [&](std::string_view name) { out.names.emplace(name); });
  if (!out.complete) out.names.clear();
  return out;
}

}  // namespace

struct LiveFiles::State {
  std::string root;                                  ///< empty for this machine
  std::unordered_map<std::string, Node> nodes;       ///< by path
  std::unordered_map<std::string, Listing> lists;    ///< by real path of the folder
  std::unordered_map<std::string, FileAnswer> read;  ///< files, by real path
  std::unordered_map<std::string, FileAnswer> asked;
  std::set<std::string> missing;  ///< of what was asked and is absent the first folder on the way that is
  std::map<std::string, std::vector<std::string>> matches;  ///< by folder/pattern, as readdir gave them
  std::optional<Fact<std::vector<CachedLibrary>>> cache;
  std::string cache_damage;

  const Node& resolve(const std::string& path, int links);
  Node child(const Node& folder, const std::string& name, int links);
  void list_once(const std::string& folder);
  FileAnswer file(const Node& node);
  std::string first_missing(const std::string& path);
  Fact<std::vector<CachedLibrary>> read_cache();
};

/// Goes down from the last folder on the way that is known, so that only links nest, of which `links` were
/// followed before.
const Node& LiveFiles::State::resolve(const std::string& path, int links) {
  size_t end = path.size();
  auto known = nodes.find(path);
  while (known == nodes.end() && end > 1) {
    end = std::max<size_t>(path.rfind('/', end - 1), 1);
    known = nodes.find(path.substr(0, end));
  }
  if (known == nodes.end()) {
    Node top{.real = "/"};
    top.kind = stat((root + '/').c_str(), &top.stat) == 0 ? Kind::directory : Kind::absent;
    known = nodes.emplace("/", std::move(top)).first;
  }
  const Node* at = &known->second;
  while (end < path.size()) {
    size_t from = end == 1 ? 1 : end + 1;
    end = std::min(path.find('/', from), path.size());
    Node next;
    if (path.size() >= PATH_MAX)
      next = unreadable(ENAMETOOLONG);
    else if (at->kind == Kind::directory)
      next = child(*at, path.substr(from, end - from), links);
    else if (at->kind == Kind::other && !at->unreadable.empty())
      next = *at;
    at = &nodes.insert_or_assign(path.substr(0, end), std::move(next)).first->second;
  }
  return *at;
}

Node LiveFiles::State::child(const Node& folder, const std::string& name, int links) {
  if (name == "..") return resolve(folder.real == "/" ? "/" : folder_of(folder.real), links);
  auto listed = lists.find(folder.real);
  if (listed != lists.end() && listed->second.complete && !listed->second.names.contains(name)) return {};
  Node node{.kind = Kind::other, .real = path_in(folder.real, name)};
  std::string path = root + node.real;
  if (lstat(path.c_str(), &node.stat) != 0) return is_nothing(errno) ? Node() : unreadable(errno);
  if (S_ISDIR(node.stat.st_mode)) node.kind = Kind::directory;
  if (S_ISREG(node.stat.st_mode)) node.kind = Kind::file;
  if (!S_ISLNK(node.stat.st_mode)) return node;
  if (links >= kMaxLinks) return unreadable(ELOOP);
  char target[PATH_MAX];
  ssize_t n = readlink(path.c_str(), target, sizeof target);
  if (n < 0 || size_t(n) == sizeof target) return unreadable(n < 0 ? errno : ENAMETOOLONG);
  std::string to = n > 0 && target[0] == '/' ? "/" : folder.real;
  for (auto part : split(std::string_view(target, size_t(n)), '/'))
    if (!part.empty() && part != ".") to = path_in(to, part);
  return resolve(to, links + 1);
}

void LiveFiles::State::list_once(const std::string& folder) {
  if (!lists.contains(folder)) lists.emplace(folder, list(root + folder));
}

FileAnswer LiveFiles::State::file(const Node& node) {
  if (node.kind == Kind::absent) return kept_elsewhere(kAbsent);
  IndexedFile out{.kind = node.kind, .real = node.real, .unreadable = node.unreadable};
  if (node.kind != Kind::file) return std::make_shared<IndexedFile>(std::move(out));
  if (auto known = read.find(node.real); known != read.end()) return known->second;
  out.size = uint64_t(node.stat.st_size);
  if (node.stat.st_nlink > 1)
    out.hard_link = std::to_string(node.stat.st_dev) + ':' + std::to_string(node.stat.st_ino);
  read_object(root + node.real, out);
  out.set_user_id = node.stat.st_mode & S_ISUID;
  bool program = out.object && !out.object->interpreter.empty();
  out.secure = program && is_secure(root + node.real, node.stat, !root.empty());
  return read.emplace(node.real, std::make_shared<IndexedFile>(std::move(out))).first->second;
}

/// The folder on the way to `path` that is not there, or `path`: one answer for all that would lie below.
std::string LiveFiles::State::first_missing(const std::string& path) {
  std::string missing = path;
  while (missing.size() > 1 && resolve(folder_of(missing), 0).kind == Kind::absent)
    missing = folder_of(missing);
  return missing;
}

Fact<std::vector<CachedLibrary>> LiveFiles::State::read_cache() {
  const std::string path = "/etc/ld.so.cache";
  Fact<std::vector<CachedLibrary>> fact;
  fact.from = {Source::Kind::path, path};
  const Node& node = resolve(path, 0);
  if (node.kind == Kind::absent) return fact;
  auto read = [&]() -> Result<formats::LdCache> {
    if (!node.unreadable.empty()) return fail(node.unreadable);
    auto file = File::open(root + node.real);
    if (!file) return std::unexpected(file.error());
    auto bytes = whole(*file, kMaxCache);
    if (!bytes) return std::unexpected(bytes.error());
    return formats::read_ld_cache(*bytes);
  }();
  if (!read) {
    read.error().file.clear();
    fact.is = Unreadable{read.error().to_string()};
    return fact;
  }
  if (read->unread) cache_damage = read->unread->to_string();
  std::vector<CachedLibrary> libraries;
  libraries.reserve(read->entries.size());
  for (auto& e : read->entries)
    libraries.push_back({std::move(e.soname), std::move(e.path), e.flags, e.hwcap, std::move(e.level)});
  fact.is = std::move(libraries);
  return fact;
}

LiveFiles::LiveFiles(std::string root) : state_(std::make_unique<State>()) {
  while (root.ends_with('/')) root.pop_back();
  state_->root = std::move(root);
}

LiveFiles::~LiveFiles() = default;

FileAnswer LiveFiles::look(const std::string& path) const {
  auto& s = *state_;
  if (!path.starts_with('/')) return {};
  if (auto known = s.asked.find(path); known != s.asked.end()) return known->second;
  // Only for libraries: what an automounter serves is not listed before somebody goes there.
  if (base_name(std::string_view(path)).find(".so") != path.npos) {
    const Node& folder = s.resolve(folder_of(path), 0);
    if (folder.kind == Kind::directory) s.list_once(folder.real);
  }
  FileAnswer answer = s.file(s.resolve(path, 0));
  if (answer->kind == Kind::absent) s.missing.insert(s.first_missing(path));
  return s.asked.emplace(path, std::move(answer)).first->second;
}

std::optional<std::vector<std::string>> LiveFiles::names(const std::string& folder,
                                                         const std::string& pattern) const {
  auto& s = *state_;
  if (!folder.starts_with('/')) return std::nullopt;
  auto key = folder + '/' + pattern;
  if (auto known = s.matches.find(key); known != s.matches.end()) return known->second;
  const Node& node = s.resolve(folder, 0);
  if (node.kind == Kind::other && !node.unreadable.empty()) return std::nullopt;
  std::vector<std::string> found;
  if (node.kind == Kind::directory) {
    auto complete = each_name(s.root + node.real, [&](std::string_view name) {
      if (matches_pattern(pattern, name)) found.emplace_back(name);
    });
    if (!complete) return std::nullopt;
  }
  s.matches.emplace(std::move(key), found);
  return found;
}

const Fact<std::vector<CachedLibrary>>& LiveFiles::ld_cache() const {
  if (!state_->cache) state_->cache = state_->read_cache();
  return *state_->cache;
}

const std::string& LiveFiles::cache_damage() const { return state_->cache_damage; }

FileIndex LiveFiles::index() const {
  FileIndex out;
  for (auto& [path, file] : state_->asked)
    if (file->kind != Kind::absent) out.files.emplace(path, *file);
  for (auto& path : state_->missing) out.files.emplace(path, IndexedFile{});
  out.matches = state_->matches;
  if (state_->cache) out.cache = *state_->cache;
  return out;
}

}  // namespace cufit::collect
