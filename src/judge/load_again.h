// What a process would load after something changed: the loader asked again.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "loader/settings.h"
#include "model/file_index.h"
#include "model/load.h"

namespace cufit {

/// Versions and owners of files, as they were told before: the loader knows names only.
class KnownFiles {
 public:
  /// Of two answers about one file the first counts.
  void add(std::span<const Loads>);
  /// Gives a load what is known of its file. False: it is a library of CUDA whose version nobody knows.
  bool tell(Load&) const;

 private:
  struct Told {
    std::string version, owner;
  };
  std::map<std::string, Told> by_path_;
};

/// The loads of the process with these settings. Nothing where an answer stays open.
std::optional<std::vector<Load>> loaded_again(const Loads& process, const Files&, const LoaderSettings&,
                                              const KnownFiles&);

}  // namespace cufit
