// What a framework opens by itself when Python imports it: the calls of dlopen beside DT_NEEDED, in their
// order. The facts are in data/loading.toml; judge/loading.h chooses those of a release.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "loader/search.h"

namespace cufit {

/// One call of dlopen, or several alike.
struct OpenStep {
  enum class When : uint8_t {
    always,
    failed,  ///< the first step could not open its file
    mapped,  ///< it could, and the path of a file in the process holds the text `mapped`
  };
  /// What is done about a name that leads to no file, or to a file that cannot be loaded.
  enum class Trouble : uint8_t {
    go_on,  ///< the next name
    stop,   ///< the rest of the step is left out
    fail,   ///< the import ends with an error
  };
  When when = When::always;
  std::string mapped = {};
  /// Of a step for `failed`: texts of which the error must hold one, else the import ends.
  std::vector<std::string> error = {};
  /// What the program does when the step is taken. Empty: the import itself; with `by`: that library has been
  /// loaded (its constructors open).
  std::string use = {};
  std::string by = {};  ///< SONAME pattern of the library that calls dlopen; empty: Python
  /// Releases of that library that do it (inclusive; empty: from the first, to the last).
  std::string by_from = {}, by_to = {};
  /// Shell patterns of folders below each folder of sys.path, in order; "{}" is the part of a name before
  /// '/'. Empty: dlopen gets the bare name; a pattern is completed by the files that lie beside `by`.
  std::vector<std::string> folders = {};
  std::vector<std::string> names = {};
  bool first = false;  ///< the names are alternatives: the first that leads to a file
  Trouble missing = Trouble::go_on;
  Trouble broken = Trouble::go_on;
};

/// What one release of a framework opens.
struct Framework {
  std::string name;             ///< "torch 2.9.1+cu128"
  std::vector<OpenStep> steps;  ///< those of the import first, then uses
  bool assumed = false;         ///< newer than every release that was read: taken to be like the newest
};

/// The Python that imports it.
struct PythonProcess {
  std::string program;                ///< bin/python of the environment; empty: none is known
  std::vector<std::string> sys_path;  ///< folders, in order; archives left out
  std::string ctypes = {};            ///< extension module _ctypes, which opens what Python code names
};

/// The version of a file, by the path behind all links and its SONAME; empty: not known.
using LibraryVersion = std::function<std::string(const std::string& real, const std::string& soname)>;

/// What came of it.
struct Opening {
  std::vector<Opened> opened;  ///< what was opened and stays open, in order: for loads_of
  std::vector<Load>
      loads;  ///< what is loaded, then what could not be; of an import that ends, also what it loaded last
  bool ends = false;  ///< the import ends with an error, as far as files can show it
};

/// Follows the steps; those of uses when the library that takes them has come in. A file that needs what is
/// not there, or versions of symbols that are not defined, is not opened. Single symbols are not looked at: a
/// library that has the right name and versions and lacks a function passes here, and not in life.
Opening open_framework(const Framework&, const PythonProcess&, const Files&, const LoaderSettings&,
                       const LibraryVersion&);

}  // namespace cufit
