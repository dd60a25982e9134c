// Which distribution of an environment a library belongs to, and which version the library has.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "collect/distribution.h"

namespace cufit::collect {

struct LibraryOwner {
  std::string name, version;  ///< "nvidia-cublas-cu12", "12.1.3.1"
  std::string told() const { return name + ' ' + version; }
};

/// Reads only what lists files of NVIDIA's packages, torch, Triton and what else brings CUDA libraries, and
/// only when it is asked the first time.
class LibraryOwners {
 public:
  /// `environments`: as find_environments() gives them; `system` as in Options.
  explicit LibraryOwners(std::vector<Environment> environments, std::string system = {});

  /// The distribution that lists the file at `path` (which begins with `system`), links in it followed.
  /// Nothing if none does, if what is there has another size than is recorded, or if distributions of
  /// different versions list it with this size.
  std::optional<LibraryOwner> owner_of(const std::string& path);

 private:
  void read();
  std::vector<Environment> environments_;
  std::string system_;
  bool read_ = false;
  struct Listed {
    LibraryOwner owner;
    std::optional<uint64_t> size;  ///< bytes, as recorded
  };
  std::map<std::string, std::vector<Listed>> by_path_;  ///< behind all links
};

/// Packages whose lists of files are read: "nvidia-cublas-cu12", "torch", "libcublas" (conda).
bool may_bring_cuda_libraries(std::string_view normalized_name);

/// The version of a CUDA library as far as it is told: by the name of the file behind all links if it has
/// three fields or more ("libcublas.so.12.1.3.1"), else by the package if that holds one library and nothing
/// else
/// ("nvidia-cuda-runtime-cu12 12.1.105"). Not by torch: what it bundles has versions of its own. Empty if it
/// is not told: "libcudart.so.12" is a SONAME.
std::string library_version(std::string_view file_name, const std::optional<LibraryOwner>& owner);

}  // namespace cufit::collect
