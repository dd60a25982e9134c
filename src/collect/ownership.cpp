#include "collect/ownership.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <unordered_map>

#include "base/file.h"
#include "base/sha256.h"
#include "base/text.h"
#include "collect/cache.h"
#include "collect/gpu_packages.h"
#include "collect/links.h"
#include "model/package.h"

namespace cufit::collect {
namespace {

struct Claimant {
  size_t distribution;
  const Claim* claim;
};

class Settling {
 public:
  Settling(std::vector<FoundFile>& files, std::vector<Distribution>& distributions, const Environment& e,
           Cache& cache)
      : files_(files), distributions_(distributions), cache_(cache), root_(e.root), system_(e.system) {
    real_root_ = follow(root_, system_).value_or(root_) + '/';
    for (size_t i = 0; i < files.size(); i++) index_.emplace(files[i].path, i);
    out_.missing.resize(distributions.size());
    out_.no_files.resize(distributions.size());
    out_.denied.resize(distributions.size());
  }

  Ownership settle() {
    for (size_t d = 0; d < distributions_.size(); d++)
      for (auto& claim : distributions_[d].claims) note(d, claim.path, find(claim));
    claimants_.resize(files_.size());
    for (size_t d = 0; d < distributions_.size(); d++)
      for (auto& claim : distributions_[d].claims)
        if (auto it = index_.find(claim.path); it != index_.end()) add(claimants_[it->second], {d, &claim});
    for (size_t i = 0; i < files_.size(); i++) out_.owner.push_back(owner_of(i));
    return std::move(out_);
  }

 private:
  enum class Lies : uint8_t { nothing, file, other, hidden };

  /// What lies at the path of a claim; a path that is listed twice is told once.
  void note(size_t distribution, const std::string& path, Lies what) {
    if (what == Lies::file) return;
    auto& lists = what == Lies::nothing ? out_.missing : what == Lies::hidden ? out_.denied : out_.no_files;
    auto& list = lists[distribution];
    if (list.empty() || list.back() != path) list.push_back(path);
  }

  /// A claim through a link is rewritten to where the file lies; a file that was
  /// not walked over (behind a link out of the environment, among headers) joins the others.
  Lies find(Claim& claim) {
    if (index_.contains(claim.path)) return Lies::file;
    cache_.look(claim.path);
    auto real = follow_or_why(claim.path, system_);
    if (!real && real.error() == EACCES) return Lies::hidden;
    struct stat st;
    if (!real || lstat(real->c_str(), &st) != 0) return Lies::nothing;
    if (!S_ISREG(st.st_mode)) return Lies::other;
    // In a root file system the kernel would follow a link out of the environment to a file of this machine.
    if (real->starts_with(real_root_))
      claim.path = root_ + '/' + real->substr(real_root_.size());
    else if (!system_.empty())
      claim.path = *real;
    if (index_.emplace(claim.path, files_.size()).second) {
      cache_.look(claim.path);
      files_.push_back({claim.path, uint64_t(st.st_size), stamp_of(st)});
    }
    return Lies::file;
  }

  static void add(std::vector<Claimant>& to, Claimant c) {
    if (to.empty() || to.back().distribution != c.distribution) to.push_back(c);
  }

  int owner_of(size_t i) {
    auto& claimants = claimants_[i];
    if (claimants.empty()) return owner_by_folder(files_[i].path);
    size_t winner = claimants.size() > 1 ? winner_of(files_[i], claimants) : claimants.front().distribution;
    auto& kept = *std::ranges::find(claimants, winner, &Claimant::distribution)->claim;
    if (is_replaced(files_[i], kept, winner)) out_.replaced.push_back({winner, files_[i].path});
    if (claimants.size() > 1) {
      for (auto& c : claimants)
        if (c.claim->size != kept.size || c.claim->sha256 != kept.sha256)
          out_.overwritten.push_back({c.distribution, winner, files_[i].path});
    }
    return int(winner);
  }

  /// The bytes are only asked where the file is younger than the record, which installers write last.
  bool is_replaced(const FoundFile& file, const Claim& claim, size_t distribution) const {
    constexpr int64_t slack = 2'000'000'000;  // ns: of file systems that keep times in two seconds
    if (base_name(std::string_view(file.path)).find(".so") == file.path.npos) return false;
    if (!may_bring_cuda_libraries(normalized_name(distributions_[distribution].name))) return false;
    if (claim.size && *claim.size != file.size) return true;
    if (claim.sha256.empty() ||
        file.stamp.modified <= installed_at(distributions_[distribution], cache_) + slack)
      return false;
    auto sum = sum_of(file.path);
    return sum && *sum != claim.sha256;
  }

  static std::optional<std::string> sum_of(const std::string& path) {
    auto opened = File::open(path);
    if (!opened) return std::nullopt;
    FileStream stream(*opened);
    return sha256(stream);
  }

  /// The innermost folder decides; one module beside ("_cffi_backend.cpython-312-x86_64-linux-gnu.so") counts
  /// as a folder.
  int owner_by_folder(std::string_view path) const {
    int owner = -1;
    size_t longest = 0;
    for (size_t d = 0; d < distributions_.size(); d++)
      for (auto& folder : distributions_[d].folders)
        if (folder.size() > longest && path.size() > folder.size() && path.starts_with(folder) &&
            (path[folder.size()] == '/' || path[folder.size()] == '.'))
          owner = int(d), longest = folder.size();
    return owner;
  }

  size_t winner_of(const FoundFile& file, std::vector<Claimant> left) const {
    auto fits = left;
    std::erase_if(fits, [&](const Claimant& c) { return c.claim->size != file.size; });
    if (!fits.empty()) left = std::move(fits);
    bool all_equal = std::ranges::all_of(
        left, [&](const Claimant& c) { return c.claim->sha256 == left.front().claim->sha256; });
    if (!all_equal)
      if (auto sum = sum_of(file.path)) {
        fits = left;
        std::erase_if(fits, [&](const Claimant& c) { return c.claim->sha256 != *sum; });
        if (!fits.empty()) left = std::move(fits);
      }
    return std::ranges::max(
               left, {},
               [&](const Claimant& c) { return installed_at(distributions_[c.distribution], cache_); })
        .distribution;
  }

  std::vector<FoundFile>& files_;
  std::vector<Distribution>& distributions_;
  Cache& cache_;
  std::string root_, system_, real_root_;
  std::unordered_map<std::string, size_t> index_;
  std::vector<std::vector<Claimant>> claimants_;
  Ownership out_;
};

}  // namespace

Ownership settle(std::vector<FoundFile>& files, std::vector<Distribution>& distributions,
                 const Environment& environment, Cache& cache) {
  return Settling(files, distributions, environment, cache).settle();
}

}  // namespace cufit::collect
