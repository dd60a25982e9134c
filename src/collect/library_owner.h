// Which distribution of an environment a library belongs to, and which version the library has.
#pragma once

#include <cstdint>
#include <future>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "collect/distribution.h"

namespace cufit::collect {

struct LibraryOwner {
  std::string name, version;  ///< "nvidia-cublas-cu12", "12.1.3.1"
  std::string told() const { return name + ' ' + version; }
};

/// Reads only what lists files of NVIDIA's packages, torch, Triton and what else brings CUDA libraries, in a
/// thread of its own: whoever asks has libraries to look for meanwhile.
class LibraryOwners {
 public:
  /// `environments`: as find_environments() gives them; `system` as in Options.
  explicit LibraryOwners(std::vector<Environment> environments, std::string system = {});

  /// The distribution that lists the file at `path` (which begins with `system`), links in it followed.
  /// Nothing if none does, if what is there has another size than is recorded, or if distributions of
  /// different versions list it with this size.
  std::optional<LibraryOwner> owner_of(const std::string& path);

 private:
  std::optional<std::string> real_folder(const std::string& path);
  std::optional<std::string> real_path(const std::string& path);

  struct Listed {
    LibraryOwner owner;
    std::optional<uint64_t> size;  ///< bytes, as recorded
  };
  using ByPath = std::unordered_map<std::string, std::vector<Listed>>;  ///< behind all links
  static ByPath read(const std::vector<Environment>& environments, const std::string& system);

  std::string system_;
  std::shared_future<ByPath> by_path_;
  std::map<std::string, std::optional<std::string>> real_folders_;
};

}  // namespace cufit::collect
