// Programs and libraries that are built for a test with the compiler of the build, and the real loader run on
// them.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "collect/scratch.h"
#include "model/load.h"

namespace cufit::test {

struct Ran {
  int status = -1;  ///< exit status; 128 + signal
  std::string out, err;
};

using Env = std::map<std::string, std::string>;

struct Place {
  std::string cwd = {};   ///< empty: the one of this process
  std::string root = {};  ///< a folder that becomes "/" (chroot); needs rights
};

/// Runs a program with just these variables.
Ran run(const std::vector<std::string>& argv, const Env& env = {}, const Place& place = {});

/// Whether this process may run programs in another root, itself or in a user namespace.
bool may_chroot();

/// What is built. Names in `needed` need not exist anywhere: they are linked against stubs.
struct Build {
  std::vector<std::string> needed = {};
  std::string soname = {};                 ///< empty: none
  std::string rpath = {}, runpath = {};    ///< both may be given; "-": an empty one
  std::string depaudit_as_rpath = {};      ///< DT_RPATH beside DT_RUNPATH, which linkers do not write
  bool nodeflib = false;                   ///< -z nodefaultlib
  std::vector<std::string> versions = {};  ///< symbol versions that it defines, each with one symbol
  std::map<std::string, std::vector<std::string>> wants = {};  ///< library -> versions of it that it needs
  bool opens = false;                                          ///< has a function that calls dlopen
  std::vector<std::string> flags = {};                         ///< of the compiler
};

class Lab : public Scratch {
 public:
  Lab();
  /// A library at `name` below the lab.
  std::string lib(const std::string& name, const Build& build) const;
  /// A program that opens what its arguments name ("NAME", or "LIBRARY|NAME" to be opened by that library),
  /// then writes its link map.
  std::string program(const std::string& name, const Build& build) const;
  std::string copy(const std::string& from, const std::string& to) const;
  std::string link(const std::string& target, const std::string& name) const;
  /// Makes a program one that runs with rights of its own (AT_SECURE); false if this user cannot make such a
  /// program, or none would run so here.
  bool secure(const std::string& program) const;
  /// Overwrites bytes of a file.
  void poke(const std::string& file, size_t at, const std::string& bytes) const;

 private:
  std::string stub(const std::string& soname, const std::vector<std::string>& versions) const;
  std::string compiled(const std::string& source) const;
  std::string linked(const std::string& name, const Build& build, bool program) const;
};

}  // namespace cufit::test
