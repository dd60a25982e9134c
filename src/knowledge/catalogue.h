// Look-ups in the catalogue of published builds.
#pragma once

#include <string>
#include <vector>

#include "knowledge/knowledge.h"
#include "model/package.h"

namespace cufit {

/// Rows that describe one release of a package.
struct BuildMatch {
  /// One row for each published file; several rows with `is_variant` are one file with several libraries.
  std::vector<const BuildRow*> rows;
  bool package_known = false;  ///< the catalogue has other releases of it
  /// The release is newer than the newest that was read: what the rows say of it is assumed.
  bool beyond = false;
};

/// The packages of which it has builds, by name.
std::vector<std::string> package_names(const Knowledge&);

/// All rows of a package, oldest release first. `package` is normalized.
std::vector<const BuildRow*> builds_of(const Knowledge&, std::string_view package);

/// The rows of a release. With a local version only that build, or what is compiled with the CUDA that it
/// names where the catalogue does not tell builds apart by local versions; else what the index `variant`
/// ("cu118", empty: the default index) serves, and where the catalogue does not say which one that is, all.
BuildMatch find_build(const Knowledge&, std::string_view package, const PackageVersion& version,
                      std::string_view variant = {});

/// Is the row's build compiled with the CUDA that a local version names ("cu118", "cu12torch2.6")?
bool is_for(const BuildRow&, std::string_view local);

/// Does the row cover this release?
bool covers(const BuildRow&, const PackageVersion& version);
bool covers(const LoadingRow&, const PackageVersion& version);

/// The published toolkits that may have compiled a build, oldest first: one, or all of its CUDA major. Empty
/// if the row names none.
std::vector<const ToolkitRow*> toolkits_of(const Knowledge&, const BuildRow&);

/// The newest release of the row's line that was read. What lies beyond is taken to be alike.
PackageVersion newest_release(const BuildRow&);

/// The releases of the row's line that the catalogue names, up to the newest that was read.
std::vector<PackageVersion> named_releases(const BuildRow&);

/// Triton's row of a release; for a release newer than the table the newest row, with `beyond` set.
const TritonRow* find_triton(const Knowledge&, std::string_view version, bool* beyond = nullptr);

/// What a release of a package opens by itself; for a release newer than the table the newest row, with
/// `beyond` set. Null for a package, or a release, that the table does not know.
const LoadingRow* find_loading(const Knowledge&, std::string_view package, const PackageVersion& version,
                               bool* beyond = nullptr);

}  // namespace cufit
