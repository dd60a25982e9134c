// Which distribution of an environment a library belongs to, and which version the library has.
#pragma once

#include <map>
#include <optional>
#include <string>
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

  /// The distribution that lists the file at `path` (which begins with `system`), links in it followed. Of
  /// several that list it, the one whose name sorts first: settle() in collect/ownership.h tells who won.
  /// Nothing if none does.
  std::optional<LibraryOwner> owner_of(const std::string& path);

 private:
  void read();
  std::vector<Environment> environments_;
  std::string system_;
  bool read_ = false;
  std::map<std::string, LibraryOwner> by_path_;  ///< behind all links
};

}  // namespace cufit::collect
