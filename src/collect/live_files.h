// The file system as the dynamic loader looks at it, on this machine or in a folder that is taken as "/".
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "model/file_index.h"

namespace cufit::collect {

/// Answers from the disk, each question once: a folder is listed when the first name is looked for in it, so
/// that names that are not there cost nothing, and an object is read once however many paths lead to it.
/// Links are followed inside the root and never leave it. FIFOs, sockets and devices are not opened. For one
/// thread.
class LiveFiles final : public Files {
 public:
  /// `root`: a folder that is taken as "/". Empty or "/": this machine.
  explicit LiveFiles(std::string root = {});
  ~LiveFiles() override;
  LiveFiles(const LiveFiles&) = delete;
  LiveFiles& operator=(const LiveFiles&) = delete;

  FileAnswer look(const std::string& path) const override;
  std::optional<std::vector<std::string>> names(const std::string& folder,
                                                const std::string& pattern) const override;
  const Fact<std::vector<CachedLibrary>>& ld_cache() const override;

  /// What of ld.so.cache cannot be read although its entries can; empty: nothing. After ld_cache().
  const std::string& cache_damage() const;

  /// All that was asked so far. It answers the same questions in the same way, and no others.
  FileIndex index() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cufit::collect
