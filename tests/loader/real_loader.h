// What the real loader says it does: LD_DEBUG, LD_TRACE_LOADED_OBJECTS, and the link map of a program.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "loader/lab.h"
#include "loader/search.h"

namespace cufit::test {

/// An object that came into a process, by LD_DEBUG=libs,files.
struct SeenLoad {
  std::string name, by;
  std::string path;   ///< the last file that was tried; empty if the name was a path
  std::string where;  ///< "RPATH from file /a/prog", "LD_LIBRARY_PATH", "system search path", "cache"
};

/// Objects in the order in which their link maps were made.
std::vector<SeenLoad> seen_loads(const std::string& debug_output);

/// A line of `ld.so --list`: name and path, or "not found".
struct Listed {
  std::string name, path;
  bool operator==(const Listed&) const = default;
};
std::vector<Listed> listed(const std::string& trace_output);

/// "version `V' not found (required by OBJECT)" of the same output: "OBJECT PROVIDER V", sorted.
std::vector<std::string> missing_versions(const std::string& trace_output);

/// The loader of this machine, if it is glibc's.
std::optional<std::string> glibc_loader();

/// Settings of this machine with these variables, and /etc/ld.so.preload of a root.
LoaderSettings settings_here(const Env& env, const std::string& cwd = {}, const std::string& root = {});

}  // namespace cufit::test
