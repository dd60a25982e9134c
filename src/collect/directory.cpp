#include "collect/directory.h"

#include <dirent.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <iterator>
#include <memory>
#include <set>
#include <system_error>

#include "base/parallel.h"
#include "base/text.h"
#include "collect/cache.h"
#include "collect/file_names.h"
#include "collect/links.h"
#include "collect/unread.h"

namespace cufit::collect {
namespace {

/// Reads one folder after the other, for one thread.
class FolderReader {
 public:
  FolderReader(const std::string& root, const Wanted& wanted, Cache* cache, const std::string& system)
      : real_root_(follow(root, system).value_or(root) + '/'),
        wanted_(wanted),
        cache_(cache),
        system_(system) {}

  Tree found;
  std::vector<std::string> below;  ///< folders to be read next

  void read(const std::string& dir) {
    std::unique_ptr<DIR, int (*)(DIR*)> open(opendir(dir.c_str()), closedir);
    struct stat st;
    if (cache_ && open && fstat(dirfd(open.get()), &st) == 0) cache_->look(dir, stamp_of(st));
    while (open) {
      errno = 0;
      const dirent* entry = readdir(open.get());
      if (!entry) break;
      std::string_view name = entry->d_name;
      if (name != "." && name != "..") meet(dir, name, entry->d_type);
    }
    if (errno) found.gaps.push_back(unread_gap(dir, errno));
  }

 private:
  void meet(const std::string& dir, std::string_view name, unsigned char type) {
    if (type == DT_REG && !wanted_.file(name)) return;  // most are of this kind
    std::string path = dir;
    if (!path.ends_with('/')) path += '/';
    path += name;
    if (type == DT_UNKNOWN) type = type_of(path);
    if (type == DT_DIR) {
      if (wanted_.folder(path)) below.push_back(path);
      found.folders.push_back(std::move(path));
    } else if (type == DT_REG && wanted_.file(name)) {
      found.files.push_back(std::move(path));
    } else if (type == DT_LNK && wanted_.file(name)) {
      link(path);
    }
  }

  /// For file systems that do not say it in their directories.
  unsigned char type_of(const std::string& path) {
    struct stat st;
    if (lstat(path.c_str(), &st) == 0) return IFTODT(st.st_mode);
    if (errno != ENOENT) found.gaps.push_back(unread_gap(path, errno));  // else gone since
    return DT_UNKNOWN;
  }

  void link(const std::string& path) {
    auto target = follow(path, system_);
    if (cache_) cache_->look(target.value_or(path));
    if (!target) {
      std::error_code ec;
      found.broken.push_back({path, std::filesystem::read_symlink(path, ec).string()});
      return;
    }
    if ((*target + '/').starts_with(real_root_)) return;
    struct stat st;
    bool known = lstat(target->c_str(), &st) == 0;
    if (known && S_ISREG(st.st_mode)) return found.links.push_back({path, *target});
    if (known && !S_ISDIR(st.st_mode)) return;
    found.gaps.push_back({path, {}, {"gap.link-outside", {{"target", *target}}}});
  }

  std::string real_root_;
  const Wanted& wanted_;
  Cache* cache_;
  const std::string& system_;
};

void append(std::vector<std::string>& to, std::vector<std::string>& from) {
  std::ranges::move(from, std::back_inserter(to));
}

}  // namespace

Tree walk(const std::string& root, const Wanted& wanted, Cache* cache, const std::string& system) {
  const FolderReader fresh(root, wanted, cache, system);
  Tree out;
  // Level by level; a share of a level is large enough to be worth a thread.
  constexpr size_t kShare = 16;
  for (std::vector<std::string> level{root}; !level.empty();) {
    std::vector<FolderReader> readers((level.size() + kShare - 1) / kShare, fresh);
    parallel_for(readers.size(), [&](size_t r) {
      for (size_t i = r * kShare; i < std::min(level.size(), (r + 1) * kShare); i++)
        readers[r].read(level[i]);
    });
    level.clear();
    for (auto& r : readers) {
      append(level, r.below);
      append(out.folders, r.found.folders);
      append(out.files, r.found.files);
      std::ranges::move(r.found.links, std::back_inserter(out.links));
      std::ranges::move(r.found.broken, std::back_inserter(out.broken));
      std::ranges::move(r.found.gaps, std::back_inserter(out.gaps));
    }
  }
  std::ranges::sort(out.folders);
  std::ranges::sort(out.files);
  std::ranges::sort(out.links, {}, &FileLink::path);
  std::ranges::sort(out.broken, {}, &FileLink::path);
  std::ranges::sort(out.gaps, {}, &Gap::path);
  return out;
}

std::optional<Gap> gap_of_broken(const std::vector<FileLink>& links) {
  auto matters = [](const FileLink& link) {
    auto name = base_name(std::string_view(link.path));
    return is_loaded_name(name) || name.find('.') == name.npos;
  };
  auto first = std::ranges::find_if(links, matters);
  if (first == links.end()) return std::nullopt;
  auto count = std::ranges::count_if(first, links.end(), matters);
  return Gap{
      first->path, {}, {"gap.link-broken", {{"target", first->target}, {"count", std::to_string(count)}}}};
}

std::optional<FoundFile> file_behind(const FileLink& link, const std::string& system) {
  struct stat st;
  if (lstat(link.target.c_str(), &st) != 0 || !S_ISREG(st.st_mode)) return std::nullopt;
  return FoundFile{system.empty() ? link.path : link.target, uint64_t(st.st_size), stamp_of(st)};
}

Listing list_files(const std::string& root, const std::string& system) {
  auto tree = walk(root, {}, nullptr, system);
  Listing out{{}, std::move(tree.gaps)};
  if (auto gap = gap_of_broken(tree.broken); gap && !system.empty()) out.gaps.push_back(std::move(*gap));
  std::set<std::pair<dev_t, ino_t>> seen;
  for (auto& path : tree.files) {
    struct stat st;
    if (lstat(path.c_str(), &st) != 0) {
      if (errno != ENOENT)  // else gone since it was listed
        out.gaps.push_back(unread_gap(path, errno));
      continue;
    }
    if (st.st_nlink > 1 && !seen.insert({st.st_dev, st.st_ino}).second) continue;
    out.files.push_back({std::move(path), uint64_t(st.st_size)});
  }
  for (auto& link : tree.links)
    if (auto file = file_behind(link, system);
        file && seen.insert({file->stamp.device, file->stamp.inode}).second)
      out.files.push_back(std::move(*file));
  std::ranges::sort(out.files, {}, &FoundFile::path);
  return out;
}

}  // namespace cufit::collect
