#include "collect/library_owner.h"

#include <sys/stat.h>

#include "collect/cache.h"
#include "collect/gpu_packages.h"
#include "collect/links.h"

namespace cufit::collect {

LibraryOwners::LibraryOwners(std::vector<Environment> environments, std::string system)
    : environments_(std::move(environments)), system_(std::move(system)) {}

void LibraryOwners::read() {
  read_ = true;
  for (auto& e : environments_) {
    Cache none(e.root, {});
    auto root = follow(e.root, system_);
    for (auto& d : read_distributions(e, none, may_bring_cuda_libraries))
      for (auto& claim : d.claims) {
        // Only links of the root and of the name itself are followed: a package has thousands of files, and
        // links between them are rare.
        auto path = claim.path;
        if (root && path.starts_with(e.root + '/')) path.replace(0, e.root.size(), *root);
        by_path_[std::move(path)].push_back({{d.name, d.version}, claim.size});
      }
  }
}

std::optional<LibraryOwner> LibraryOwners::owner_of(const std::string& path) {
  if (!read_) read();
  // As listed, which may be a link (conda: libcudart.so.12), then what it leads to.
  auto slash = path.rfind('/');
  auto folder = slash == path.npos ? std::nullopt : follow(path.substr(0, slash), system_);
  std::vector<std::string> ways = {path};
  if (folder) ways.push_back(*folder + path.substr(slash));
  if (auto real = follow(path, system_)) ways.push_back(*real);
  auto at = by_path_.end();
  for (size_t i = 0; i < ways.size() && at == by_path_.end(); i++) at = by_path_.find(ways[i]);
  struct stat st;
  if (at == by_path_.end() || stat(ways.back().c_str(), &st) != 0) return std::nullopt;
  std::optional<LibraryOwner> owner;
  for (auto& listed : at->second) {
    if (listed.size && *listed.size != uint64_t(st.st_size)) continue;
    if (owner && owner->version != listed.owner.version) return std::nullopt;
    if (!owner) owner = listed.owner;
  }
  return owner;
}

}  // namespace cufit::collect
