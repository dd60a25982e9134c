// From a name to files: every path that the loader would try, in its order.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "loader/cpu.h"
#include "loader/loader_of.h"
#include "loader/places.h"
#include "loader/search.h"

namespace cufit {

constexpr size_t kNoObject = SIZE_MAX;

/// An object of a process. The first one is the program.
struct Object {
  std::string path = {};                  ///< as the loader composed it
  std::string real = {}, hard_link = {};  ///< of IndexedFile
  std::string origin = {};                ///< $ORIGIN; empty: not known
  std::vector<std::string> names = {};    ///< under which it is known besides its path and SONAME
  LoadedObject elf = {};
  size_t parent = kNoObject;  ///< the object that needs it: the chain along which DT_RPATH is inherited
  size_t load = kNoObject;    ///< its entry in the result
  bool program = false;
  bool identity = true;  ///< another path to the same file is seen to be the same object
};

/// What a path came to.
struct Hit {
  enum class Is : uint8_t {
    nothing,
    found,
    ends_list,  ///< nothing, and the loader does not look further in this list of folders
    bad,        ///< the loader gives up
    open,       ///< not known
  };
  Is is = Is::nothing;
  std::string path = {};  ///< as the loader composed it
  IndexedFile file = {};
  Text why = {};  ///< of `bad` and `open`
  Found found = Found::as_path;
  std::string entry = {}, of = {};  ///< Load::place, Load::place_of
};

class Lookup {
 public:
  Lookup(const Files& files, const LoaderSettings& settings, Loader loader);

  using See = std::function<bool(Hit&&)>;  ///< false: enough seen

  /// A name without slash, for `asker` (kNoObject: a program that is not known). Gives `see` what is found,
  /// in order, also what the loader does not come to because of something found before. Ends after `bad` or
  /// `open`.
  void search(const std::vector<Object>& objects, size_t asker, const std::string& name, const See& see);

  /// From here on only files with the set-user-ID bit are taken, and none by the cache: the loader preloads
  /// so in secure-execution mode.
  void only_set_user_id(bool only) { only_set_user_id_ = only; }

  /// A name with slash. In `asker` its tokens are looked up.
  Hit by_path(const std::vector<Object>& objects, size_t asker, const std::string& name);

  /// $ORIGIN and so on for an object.
  Tokens tokens(const std::vector<Object>& objects, size_t of) const;

  /// Forgets the lists of objects from `first` on.
  void forget(size_t first);

  const Loader& loader() const { return loader_; }
  /// Folders in which the last search looked, and whether it met files for other processors.
  const std::vector<std::string>& looked_in() const { return looked_in_; }
  bool met_other_machine() const { return met_other_machine_; }
  /// `path` as an absolute one; nothing if the working directory is not known.
  std::optional<std::string> absolute(const std::string& path) const;

 private:
  Hit try_path(const std::string& path);
  Hit judge(Hit hit, const IndexedFile& file);
  const std::vector<const Subfolder*>& subfolders_in(const std::string& folder);
  bool try_list(const std::vector<SearchPlace>& list, const std::string& name, const See& see);
  bool try_folder(const SearchPlace& place, const std::string& name, const See& see, bool& ends_list);
  bool try_cache(bool nodeflib, const std::string& name, const See& see);
  bool try_defaults(const std::string& name, const See& see);
  const std::vector<SearchPlace>& rpath(const std::vector<Object>& objects, size_t of);
  const std::vector<SearchPlace>& runpath(const std::vector<Object>& objects, size_t of);
  const std::vector<SearchPlace>& variable(const std::vector<Object>& objects);
  bool in_default_folder(const std::string& path) const;

  const Files& files_;
  const LoaderSettings& settings_;
  Loader loader_;
  std::optional<Cpu> cpu_;
  std::vector<Subfolder> subfolders_;
  std::vector<SearchPlace> defaults_;
  std::optional<std::vector<SearchPlace>> variable_;
  std::unordered_map<size_t, std::vector<SearchPlace>> rpaths_, runpaths_;
  std::unordered_map<std::string, std::vector<const Subfolder*>> subfolders_in_;
  std::vector<std::string> looked_in_;
  bool met_other_machine_ = false;
  bool only_set_user_id_ = false;
  size_t tried_ = 0;  ///< paths
};

}  // namespace cufit
