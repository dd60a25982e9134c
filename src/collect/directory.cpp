#include "collect/directory.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <set>
#include <system_error>

namespace cufit::collect {
namespace {

namespace fs = std::filesystem;

class Walk {
 public:
  explicit Walk(const std::string& root) : root_(root) {
    std::error_code ec;
    real_root_ = fs::canonical(root, ec);
    pending_.push_back(root);
    while (!pending_.empty()) {
      auto dir = std::move(pending_.back());
      pending_.pop_back();
      enter(dir);
    }
    std::ranges::sort(out_.files, {}, &FoundFile::path);
    std::ranges::sort(out_.gaps, {}, &Gap::path);
  }
  Listing take() { return std::move(out_); }

 private:
  void enter(const std::string& dir) {
    std::error_code ec;
    fs::directory_iterator it(dir, ec), end;
    for (; !ec && it != end; it.increment(ec)) meet(it->path().string());
    if (ec) out_.gaps.push_back({dir, {}, {"gap.read-error", {{"error", ec.message()}}}});
  }

  void meet(const std::string& path) {
    struct stat st;
    if (lstat(path.c_str(), &st) != 0) {
      if (errno != ENOENT)  // else gone since it was listed
        out_.gaps.push_back({path, {}, {"gap.read-error", {{"error", std::strerror(errno)}}}});
      return;
    }
    if (S_ISDIR(st.st_mode)) return pending_.push_back(path);
    if (S_ISLNK(st.st_mode)) return link(path);
    if (!S_ISREG(st.st_mode)) return;
    if (st.st_nlink > 1 && !seen_.insert({st.st_dev, st.st_ino}).second) return;
    out_.files.push_back({path, uint64_t(st.st_size)});
  }

  void link(const std::string& path) {
    std::error_code ec;
    auto target = fs::canonical(path, ec);
    if (ec) return;  // dangling, or a loop: there is nothing to read
    auto [root_end, _] = std::mismatch(real_root_.begin(), real_root_.end(), target.begin(), target.end());
    if (root_end == real_root_.end()) return;
    out_.gaps.push_back({path, {}, {"gap.link-outside", {{"target", target.string()}}}});
  }

  std::string root_;
  fs::path real_root_;
  std::vector<std::string> pending_;
  std::set<std::pair<dev_t, ino_t>> seen_;
  Listing out_;
};

}  // namespace

Listing list_files(const std::string& root) { return Walk(root).take(); }

}  // namespace cufit::collect
