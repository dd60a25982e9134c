// The search of glibc's dynamic loader as a pure function: elf/dl-load.c, dl-deps.c, dl-cache.c, rtld.c;
// ld.so(8). What is said here of glibc was compared with glibc 2.36 (tests/loader).
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "loader/settings.h"
#include "model/file_index.h"
#include "model/load.h"

namespace cufit {

/// What a process opens by dlopen.
struct Opened {
  std::string name;     ///< as given to dlopen: "libnvrtc.so.12", "/opt/lib/libcudart.so.12"
  std::string by = {};  ///< path of the object that calls dlopen; empty: the program
};

/// All loads of a process that starts `program` (a path) and then opens `opened`, in the order in which they
/// come. `program` may be a library, then it is as if `ld.so --list` was asked; or empty for a program of
/// which nothing is known but that it needs glibc and has no DT_RPATH and no DT_RUNPATH.
///
/// One Load for each object that comes in, for each name that leads to none, and for each call of dlopen. A
/// further object that needs what is already there gets one only if versions of symbols are missing for it;
/// what it would have found by itself is in Load::shadows of the first. An auxiliary library (DT_AUXILIARY)
/// that cannot be loaded is not told. After a library that is missing the search goes on, as with `ld.so
/// --list`; the process would end there. A dlopen that fails leaves nothing behind.
std::vector<Load> loads_of(const std::string& program, std::span<const Opened> opened, const Files&,
                           const LoaderSettings&);

/// The same process step by step, for those who decide by what came of a call what is opened next.
class OpenProcess {
 public:
  /// Keeps the files by reference.
  OpenProcess(const std::string& program, const Files&, const LoaderSettings&);
  ~OpenProcess();
  OpenProcess(const OpenProcess&) = delete;
  OpenProcess& operator=(const OpenProcess&) = delete;

  /// A call of dlopen. Its loads are behind those that were there before.
  void open(const Opened&);
  const std::vector<Load>& loads() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cufit
