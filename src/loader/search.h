// The search of glibc's dynamic loader as a pure function.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "model/file_index.h"
#include "model/load.h"

namespace cufit {

/// What decides besides the files.
struct LoaderSettings {
  std::map<std::string, std::string> env;  ///< LD_LIBRARY_PATH, LD_PRELOAD, GLIBC_TUNABLES, ...
  std::string arch = "x86_64";
  std::vector<std::string>
      levels;  ///< glibc-hwcaps that the processor has, best first: "x86-64-v3", "x86-64-v2"
  std::vector<std::string> preload_file = {};  ///< entries of /etc/ld.so.preload
  bool secure = false;                         ///< set-user-ID: variables are ignored
};

/// What is opened, in order: the program, then what it opens by dlopen.
struct Opened {
  std::string name;     ///< path of the program, or what is given to dlopen
  std::string by = {};  ///< the object that calls dlopen; empty: the program
};

/// All loads of a process that starts `program` (a path) and then opens `opened`.
std::vector<Load> loads_of(const std::string& program, std::span<const Opened> opened, const Files&,
                           const LoaderSettings&);

}  // namespace cufit
