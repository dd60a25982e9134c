// Editable installs (pip install -e): the package is imported from the folder of its sources.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cufit::collect {

class Cache;

/// The folder that a direct_url.json names, if it says that the install is editable; source:
/// https://packaging.python.org/en/latest/specifications/direct-url-data-structure/
std::optional<std::string> editable_folder(std::string_view direct_url);

/// The absolute paths that stand in quotes in the code of a finder: setuptools (MAPPING), scikit-build-core,
/// meson-python and `editables` write what they load so.
std::vector<std::string> paths_in_code(std::string_view code);

/// A folder with a pyproject.toml or a setup.py.
bool is_folder_of_sources(const std::string& folder);

/// Files below the sources of a package that may hold code. Nothing is looked for in a folder without a
/// pyproject.toml or setup.py, in one named "build" (what setuptools leaves there is not imported), in hidden
/// ones, nor in environments among the sources.
std::vector<std::string> files_of_sources(const std::string& folder, const std::string& system, Cache&);

}  // namespace cufit::collect
