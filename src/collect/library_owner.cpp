#include "collect/library_owner.h"

#include <algorithm>

#include "base/text.h"
#include "base/version.h"
#include "collect/cache.h"
#include "collect/links.h"
#include "model/package.h"

namespace cufit::collect {
namespace {

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::ranges::find(names, name) != names.end();
}

/// conda's packages of one library each, whose version is that of the library.
bool is_conda_library(std::string_view name) {
  if (name.ends_with("-dev")) name.remove_suffix(4);
  return is_one_of(name, {"libcublas",   "libcufft", "libcufile",    "libcurand",     "libcusolver",
                          "libcusparse", "libnpp",   "libnvjitlink", "libnvjpeg",     "libcudnn",
                          "cudnn",       "nccl",     "cuda-cudart",  "cuda-nvrtc",    "cuda-cupti",
                          "cuda-nvtx",   "cutensor", "cusparselt",   "libcusparselt", "libcudss"});
}

}  // namespace

bool may_bring_cuda_libraries(std::string_view name) {
  return name.starts_with("nvidia-") || name.starts_with("cuda-") || is_conda_library(name) ||
         is_one_of(name, {"torch", "pytorch", "libtorch", "triton", "pytorch-triton", "cudatoolkit",
                          "tensorflow", "jaxlib", "onnxruntime-gpu", "paddlepaddle-gpu", "tensorrt-libs",
                          "tensorrt-cu12-libs", "tensorrt-cu13-libs"}) ||
         name.starts_with("cupy") || name.starts_with("jax-cuda");
}

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
        by_path_.try_emplace(std::move(path), LibraryOwner{d.name, d.version});
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
  for (auto& way : ways)
    if (auto at = by_path_.find(way); at != by_path_.end()) return at->second;
  return std::nullopt;
}

}  // namespace cufit::collect
