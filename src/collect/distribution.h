// Installed distributions: what describes them on disk, and which files are theirs.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "collect/environment.h"
#include "model/subject.h"

namespace cufit::collect {

class Cache;

/// A file that a distribution says is its own.
struct Claim {
  std::string path;              ///< begins with the environment's root
  std::optional<uint64_t> size;  ///< bytes, as recorded
  std::string sha256;            ///< 32 bytes, as recorded; empty if not said
  bool link = false;             ///< recorded as a link: what lies at its end is claimed by itself
  bool operator==(const Claim&) const = default;
};

struct Distribution {
  std::string path;        ///< *.dist-info, *.egg-info or conda-meta/*.json
  std::string site;        ///< the folder for packages that it lies in; the environment's root for conda
  std::string conda_path;  ///< conda's record of it, if it has one besides its dist-info
  std::string name;        ///< from the name of `path`, until describe() knows better
  std::string version;
  std::vector<Claim> claims;         ///< only files that may hold code (may_hold_code), sorted by path
  std::vector<std::string> folders;  ///< where no list of files is: what lies below these is its own
  std::vector<std::string> brings;   ///< conda: the *.dist-info among its files
  std::vector<Gap> unread;
};

/// By the name of a *.dist-info, *.egg-info or *.egg/EGG-INFO: "torch-2.9.1.dist-info" -> torch, 2.9.1;
/// "pycuda-2022.1-py3.8.egg-info" -> pycuda, 2022.1. The version is empty if the name says none.
std::pair<std::string, std::string> name_and_version(std::string_view path);

/// All distributions of an environment with their claims, sorted by normalized name, then path; without stale
/// descriptions (stale.h). Only what lists files is read. `cache` is told what was looked at, here and in
/// describe(). `wanted`: by normalized name; empty: all of them.
using WantedNames = std::function<bool(std::string_view name)>;
std::vector<Distribution> read_distributions(const Environment& environment, Cache& cache,
                                             const WantedNames& wanted = {});

/// When its list of files was written, which installers do last, in nanoseconds since 1970; 0 if that cannot
/// be told.
int64_t installed_at(const Distribution& distribution, Cache& cache);

/// May its files rightly differ from what it recorded? Those of an editable installation are built again in
/// their place; distributions of Linux patch what they install (INSTALLER names none of Python's installers).
bool may_differ_from_record(const Distribution& distribution, const Environment& environment, Cache& cache);

/// Name, version, Requires and dependencies of a distribution from its METADATA, PKG-INFO, WHEEL or conda
/// record. `machine`: the host architecture of its files, empty if not known.
Subject describe(const Distribution& distribution, const Environment& environment, const std::string& machine,
                 Cache& cache);

}  // namespace cufit::collect
