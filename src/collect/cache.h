// Cache: what was read of an environment, kept for the next time.
//
// One file for each environment. It holds the answer, and the stamp of every folder and file that was looked
// at for it. If all of them are unchanged the answer is the same; if not, files that are unchanged are not
// read again. It is only ever a shortcut: what cannot be read, is damaged, or is not ours is passed over, and
// where nothing can be written nothing is.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "collect/entry.h"
#include "collect/options.h"
#include "collect/stamp.h"
#include "model/subject.h"

namespace cufit::collect {

class Cache {
 public:
  /// For the environment at `root`. Does nothing at all unless options.cache says so.
  Cache(const std::string& root, const Options& options);

  bool on() const { return !file_.empty(); }

  /// The kept answer, if everything that it was read from is unchanged.
  std::optional<std::vector<Subject>> answer();

  /// Remembers that the answer depends on what lies at `path`, and how that is now: to be called before it is
  /// read. May be called from several threads.
  void look(const std::string& path);
  void look(const std::string& path, const Stamp& now);

  /// What a file gave when it was read with the stamp that it has now; nothing if that is not known.
  std::optional<Entry> known(const FoundFile& file) const;

  /// Keeps a new answer and the looks that led to it.
  void keep(const std::vector<Subject>& answer);

 private:
  struct Look {
    std::string path;
    Stamp stamp;
  };
  bool load(std::string_view bytes);
  void index();

  std::string file_;  ///< empty: off
  std::string key_;   ///< what must be equal for the kept answer to be of use
  int64_t settled_before_ = 0;
  std::vector<Look> kept_looks_;
  std::vector<Subject> kept_;
  std::unordered_map<std::string_view, const Stamp*> kept_stamps_;
  std::unordered_map<std::string_view, const Binary*> kept_members_;
  std::unordered_map<std::string_view, const Gap*> kept_gaps_;
  std::mutex mutex_;
  std::vector<Look> looks_;
};

/// $XDG_CACHE_HOME/cufit, or ~/.cache/cufit; empty if neither variable is set.
std::string default_cache_folder();

}  // namespace cufit::collect
