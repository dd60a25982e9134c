#include "collect/library_owner.h"

#include <sys/stat.h>

#include "collect/cache.h"
#include "collect/gpu_packages.h"
#include "collect/links.h"

namespace cufit::collect {

LibraryOwners::LibraryOwners(std::vector<Environment> environments, std::string system)
    : system_(std::move(system)),
      // Also where no thread can be had: then whoever asks first reads.
      by_path_(
          std::async(std::launch::async | std::launch::deferred, read, std::move(environments), system_)) {}

LibraryOwners::ByPath LibraryOwners::read(const std::vector<Environment>& environments,
                                          const std::string& system) {
  ByPath by_path;
  for (auto& e : environments) {
    Cache none(e.root, {});
    auto root = follow(e.root, system);
    for (auto& d : read_distributions(e, none, may_bring_cuda_libraries))
      for (auto& claim : d.claims) {
        // Only links of the root and of the name itself are followed: a package has thousands of files, and
        // links between them are rare.
        auto path = claim.path;
        if (root && path.starts_with(e.root + '/')) path.replace(0, e.root.size(), *root);
        by_path[std::move(path)].push_back({{d.name, d.version}, claim.size});
      }
  }
  return by_path;
}

/// The folder that `path` names with the links in it followed; libraries lie together in few.
std::optional<std::string> LibraryOwners::real_folder(const std::string& path) {
  auto known = real_folders_.find(path);
  if (known == real_folders_.end()) known = real_folders_.emplace(path, follow(path, system_)).first;
  return known->second;
}

/// Where `path` leads. Only its last part is followed anew, and only if it is a link.
std::optional<std::string> LibraryOwners::real_path(const std::string& path) {
  auto slash = path.rfind('/');
  if (slash == path.npos) return follow(path, system_);
  auto folder = real_folder(path.substr(0, slash));
  if (!folder) return std::nullopt;
  auto inside = *folder + path.substr(slash);
  struct stat st;
  if (lstat(inside.c_str(), &st) != 0) return std::nullopt;
  return S_ISLNK(st.st_mode) ? follow(path, system_) : inside;
}

std::optional<LibraryOwner> LibraryOwners::owner_of(const std::string& path) {
  auto& by_path = by_path_.get();
  // As listed, which may be a link (conda: libcudart.so.12), then what it leads to.
  auto slash = path.rfind('/');
  auto folder = slash == path.npos ? std::nullopt : real_folder(path.substr(0, slash));
  auto real = real_path(path);
  std::vector<std::string> ways = {path};
  if (folder) ways.push_back(*folder + path.substr(slash));
  if (real) ways.push_back(*real);
  auto at = by_path.end();
  for (size_t i = 0; i < ways.size() && at == by_path.end(); i++) at = by_path.find(ways[i]);
  struct stat st;
  if (at == by_path.end() || stat(ways.back().c_str(), &st) != 0) return std::nullopt;
  std::optional<LibraryOwner> owner;
  for (auto& listed : at->second) {
    if (listed.size && *listed.size != uint64_t(st.st_size)) continue;
    if (owner && owner->version != listed.owner.version) return std::nullopt;
    if (!owner) owner = listed.owner;
  }
  return owner;
}

}  // namespace cufit::collect
