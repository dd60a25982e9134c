#include "collect/directory.h"

#include <dirent.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <set>
#include <system_error>

namespace cufit::collect {
namespace {

namespace fs = std::filesystem;

Gap read_error(const std::string& path, const std::string& message) {
  return {path, {}, {"gap.read-error", {{"error", message}}}};
}

class Walk {
 public:
  Walk(const std::string& root, const Wanted& wanted) : wanted_(wanted) {
    std::error_code ec;
    real_root_ = fs::canonical(root, ec);
    pending_.push_back(root);
    while (!pending_.empty()) {
      auto dir = std::move(pending_.back());
      pending_.pop_back();
      enter(dir);
    }
    std::ranges::sort(out_.folders);
    std::ranges::sort(out_.files);
    std::ranges::sort(out_.gaps, {}, &Gap::path);
  }
  Tree take() { return std::move(out_); }

 private:
  void enter(const std::string& dir) {
    std::unique_ptr<DIR, int (*)(DIR*)> open(opendir(dir.c_str()), closedir);
    while (open) {
      errno = 0;
      const dirent* entry = readdir(open.get());
      if (!entry) break;
      std::string_view name = entry->d_name;
      if (name == "." || name == "..") continue;
      meet(dir.ends_with('/') ? dir + entry->d_name : dir + '/' + entry->d_name, name, entry->d_type);
    }
    if (errno) out_.gaps.push_back(read_error(dir, std::strerror(errno)));
  }

  void meet(std::string path, std::string_view name, unsigned char type) {
    if (type == DT_UNKNOWN) type = type_of(path);
    if (type == DT_DIR) {
      if (wanted_.folder(path)) pending_.push_back(path);
      out_.folders.push_back(std::move(path));
      return;
    }
    if (type == DT_REG && wanted_.file(name)) out_.files.push_back(std::move(path));
    if (type == DT_LNK && wanted_.file(name)) link(path);
  }

  /// For file systems that do not say it in their directories.
  unsigned char type_of(const std::string& path) {
    struct stat st;
    if (lstat(path.c_str(), &st) == 0) return IFTODT(st.st_mode);
    if (errno != ENOENT) out_.gaps.push_back(read_error(path, std::strerror(errno)));  // else gone since
    return DT_UNKNOWN;
  }

  void link(const std::string& path) {
    std::error_code ec;
    auto target = fs::canonical(path, ec);
    if (ec) return;  // dangling, or a loop: there is nothing to read
    auto [root_end, _] = std::mismatch(real_root_.begin(), real_root_.end(), target.begin(), target.end());
    if (root_end == real_root_.end()) return;
    out_.gaps.push_back({path, {}, {"gap.link-outside", {{"target", target.string()}}}});
  }

  const Wanted& wanted_;
  fs::path real_root_;
  std::vector<std::string> pending_;
  Tree out_;
};

}  // namespace

Tree walk(const std::string& root, const Wanted& wanted) { return Walk(root, wanted).take(); }

Listing list_files(const std::string& root) {
  auto tree = walk(root);
  Listing out{{}, std::move(tree.gaps)};
  std::set<std::pair<dev_t, ino_t>> seen;
  for (auto& path : tree.files) {
    struct stat st;
    if (lstat(path.c_str(), &st) != 0) {
      if (errno != ENOENT)  // else gone since it was listed
        out.gaps.push_back(read_error(path, std::strerror(errno)));
      continue;
    }
    if (st.st_nlink > 1 && !seen.insert({st.st_dev, st.st_ino}).second) continue;
    out.files.push_back({std::move(path), uint64_t(st.st_size)});
  }
  return out;
}

}  // namespace cufit::collect
