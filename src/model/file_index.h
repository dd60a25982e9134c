// What the dynamic loader looks at: files behind paths, what their dynamic sections say, and ld.so.cache.
//
// The loader is a pure function of it. A live index (collect) answers from the disk and remembers what it was
// asked; a recording holds those answers. So "was not recorded" is an answer of its own, different from "is
// not there".
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/fact.h"
#include "model/image.h"

namespace cufit {

/// Versions that an object wants of a library (DT_VERNEED): libcublasLt.so.12 -> {libcublasLt.so.12}.
struct VersionNeed {
  std::string library;                ///< SONAME
  std::vector<std::string> versions;  ///< sorted, weak ones left out
  bool operator==(const VersionNeed&) const = default;
};

/// A library for which an object stands in (DT_FILTER, DT_AUXILIARY): symbols are looked for in that one
/// first.
struct Filtee {
  std::string name;
  bool auxiliary = false;  ///< it may be missing (DT_AUXILIARY)
  uint32_t behind = 0;     ///< that many of Dynamic::needed stand before it
  bool operator==(const Filtee&) const = default;
};

/// What a build of glibc's dynamic loader has fixed, read from its bytes.
struct LoaderBuild {
  std::vector<std::string> folders;  ///< where it looks last: "/lib/x86_64-linux-gnu", ..., "/usr/lib"
  std::string cache;                 ///< "/etc/ld.so.cache"; empty: it reads none
  std::string version;               ///< of glibc: "2.36"; empty before 2.33, which does not say it
  bool operator==(const LoaderBuild&) const = default;
};

/// An ELF object as the dynamic loader reads it.
struct LoadedObject {
  uint8_t bits = 64;
  std::string arch;         ///< "x86_64", "aarch64", else "machine 40"
  uint16_t type = 3;        ///< 2 executable, 3 shared object or PIE
  bool dynamic = true;      ///< has a dynamic section
  std::string interpreter;  ///< PT_INTERP: "/lib64/ld-linux-x86-64.so.2"; empty for libraries
  Dynamic dyn;
  bool nodeflib =
      false;         ///< DF_1_NODEFLIB: default folders, and what the cache has there, are not for its needs
  bool pie = false;  ///< DF_1_PIE: a program of type 3, which cannot be loaded as a library
  std::vector<VersionNeed> needs;
  std::vector<std::string> defines;  ///< versions that it defines (DT_VERDEF) and its own name there, sorted;
                                     ///< empty: its symbols have no versions, and any is taken from it
  std::optional<LoaderBuild> loader = {};  ///< of a dynamic loader
  std::vector<Filtee> filtees = {};        ///< in the order of the file
  /// DT_AUDIT, DT_DEPAUDIT: lists with ':' between names of libraries that are asked about each search.
  std::vector<std::string> audits = {};
  uint64_t whole_size = 0;  ///< bytes that the file had before it was cut off; 0: all that is loaded is there
  bool operator==(const LoadedObject&) const = default;
};

/// What a path names, links followed.
struct IndexedFile {
  /// `other` with `unreadable`: nobody could see what is there, or whether something is.
  enum class Kind : uint8_t { absent, file, directory, other };
  Kind kind = Kind::absent;
  std::string real = {};  ///< path behind all links, in the same root file system
  uint64_t size = 0;
  std::string hard_link = {};  ///< "device:inode" if the file has several names: equal ones are one file
  /// Of a file that is an ELF object that could be read. Beside `unreadable` only class and machine count:
  /// the loader passes over files of others before it sees what is wrong.
  std::optional<LoadedObject> object = {};
  /// Why it could not be looked at: the name of an error ("EACCES"), or of a file why the loader gives up on
  /// it ("invalid ELF header", "file too short"). Empty: it could.
  std::string unreadable = {};
  bool set_user_id = false;  ///< mode bit S_ISUID; a library that a secure program preloads must have it
  /// Started by the user who looked, it runs in secure-execution mode (AT_SECURE, ld.so(8)): it is
  /// set-user-ID or set-group-ID for somebody else, or has capabilities.
  bool secure = false;
  bool operator==(const IndexedFile&) const = default;
};

/// One entry of /etc/ld.so.cache (formats/ld_cache.h reads it).
struct CachedLibrary {
  std::string soname, path;
  int32_t flags = 0;       ///< 0x0303: ELF, glibc, x86-64; 0x0a03: aarch64
  uint64_t hwcap = 0;      ///< bit 62 set: `level` counts
  std::string level = {};  ///< name of the glibc-hwcaps folder: "x86-64-v3"; empty: none
  bool operator==(const CachedLibrary&) const = default;
};

/// An answer of Files. Nothing: nobody looked there when the machine was recorded. Cheap to copy: an answer
/// that is kept elsewhere is only pointed to, and valid as long as the Files that gave it.
using FileAnswer = std::shared_ptr<const IndexedFile>;
inline FileAnswer kept_elsewhere(const IndexedFile& file) { return {std::shared_ptr<void>(), &file}; }

/// Answers of the file system. Paths are absolute, normalized ("//", "/./" and trailing "/" taken out; ".."
/// is kept, because it goes to the parent of what a link names) and inside the root file system.
class Files {
 public:
  virtual ~Files() = default;
  virtual FileAnswer look(const std::string& path) const = 0;
  /// Names in a folder that match a shell pattern, in the order in which the file system lists them (that of
  /// Python's glob). Nothing: nobody listed it, or the order matters and is not known.
  virtual std::optional<std::vector<std::string>> names(const std::string& /*folder*/,
                                                        const std::string& /*pattern*/) const {
    return std::nullopt;
  }
  /// Entries of ld.so.cache in its order. Absent: there is no cache; unreadable: damaged.
  virtual const Fact<std::vector<CachedLibrary>>& ld_cache() const = 0;
};

/// A recorded index.
struct FileIndex final : Files {
  /// What lies below a path that is absent, a file or unreadable here is absent or unreadable like it.
  std::map<std::string, IndexedFile> files;
  /// Folders that were listed: what is not in `files` and lies directly in one of them is not there. cufit
  /// writes none, as it asks for single paths, and compares none; files that others wrote may have some.
  std::vector<std::string> listed;  ///< sorted
  Fact<std::vector<CachedLibrary>> cache;
  /// Answers of `names`, by "folder/pattern".
  std::map<std::string, std::vector<std::string>> matches = {};

  FileAnswer look(const std::string& path) const override;
  std::optional<std::vector<std::string>> names(const std::string& folder,
                                                const std::string& pattern) const override;
  const Fact<std::vector<CachedLibrary>>& ld_cache() const override { return cache; }
  bool operator==(const FileIndex& other) const {
    return files == other.files && listed == other.listed && cache == other.cache && matches == other.matches;
  }
};

}  // namespace cufit
