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
      : files_(files),
        distributions_(distributions),
        environment_(e),
        cache_(cache),
        root_(e.root),
        system_(e.system) {
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
        if (auto it = index_.find(claim.path); it != index_.end())
          claimants_[it->second].push_back({d, &claim});
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

  int owner_of(size_t i) {
    auto& claimants = claimants_[i];
    // A link says nothing of the file at its end, which its own claim describes.
    if (std::ranges::any_of(claimants, [](auto& c) { return !c.claim->link; }))
      std::erase_if(claimants, [](auto& c) { return c.claim->link; });
    if (claimants.empty()) return owner_by_folder(files_[i].path);
    auto first = claimants.front().distribution;
    auto is_first = [&](auto& c) { return c.distribution == first; };
    size_t winner = std::ranges::all_of(claimants, is_first) ? first : winner_of(files_[i], claimants);
    std::vector<const Claim*> kept;
    for (auto& c : claimants)
      if (c.distribution == winner) kept.push_back(c.claim);
    if (is_replaced(files_[i], kept, winner)) out_.replaced.push_back({winner, files_[i].path});
    for (auto& c : claimants) {
      bool told = !out_.overwritten.empty() && out_.overwritten.back().distribution == c.distribution &&
                  out_.overwritten.back().path == files_[i].path;
      bool equal = std::ranges::any_of(
          kept, [&](auto* k) { return k->size == c.claim->size && k->sha256 == c.claim->sha256; });
      if (c.distribution != winner && !equal && !told)
        out_.overwritten.push_back({c.distribution, winner, files_[i].path});
    }
    return int(winner);
  }

  /// Is it none of what its owner says of it? One path may be listed twice (RECORD written by two tools, a
  /// wheel that conda has made its own), and paths that lead to one file are claims on that.
  bool is_replaced(const FoundFile& file, const std::vector<const Claim*>& claims,
                   size_t distribution) const {
    auto& owner = distributions_[distribution];
    if (base_name(std::string_view(file.path)).find(".so") == file.path.npos) return false;
    if (!may_bring_cuda_libraries(normalized_name(owner.name))) return false;
    if (std::ranges::any_of(claims, [&](auto* claim) { return fits(file, *claim, owner); })) return false;
    return !may_differ_from_record(owner, environment_, cache_);
  }

  /// The bytes are only asked where the file is younger than the record, which installers write last.
  bool fits(const FoundFile& file, const Claim& claim, const Distribution& owner) const {
    constexpr int64_t slack = 2'000'000'000;  // ns: of file systems that keep times in two seconds
    if (claim.size && *claim.size != file.size) return false;
    if (claim.sha256.empty() || file.stamp.modified <= installed_at(owner, cache_) + slack) return true;
    auto sum = sum_of(file.path);
    return !sum || *sum == claim.sha256;
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
    auto fitting = left;
    std::erase_if(fitting, [&](const Claimant& c) { return c.claim->size != file.size; });
    if (!fitting.empty()) left = std::move(fitting);
    bool all_equal = std::ranges::all_of(
        left, [&](const Claimant& c) { return c.claim->sha256 == left.front().claim->sha256; });
    if (!all_equal)
      if (auto sum = sum_of(file.path)) {
        fitting = left;
        std::erase_if(fitting, [&](const Claimant& c) { return c.claim->sha256 != *sum; });
        if (!fitting.empty()) left = std::move(fitting);
      }
    return std::ranges::max(
               left, {},
               [&](const Claimant& c) { return installed_at(distributions_[c.distribution], cache_); })
        .distribution;
  }

  std::vector<FoundFile>& files_;
  std::vector<Distribution>& distributions_;
  const Environment& environment_;
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
